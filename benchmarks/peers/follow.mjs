// node follow.mjs PEER DIR [VISEMES]: every DIR/*.f32 (mono, 48 kHz) through a
// peer; DIR/*.json gets its viseme weights, one row a 60 Hz frame. VISEMES,
// joined by commas, are what a peer is calibrated for, where it is calibrated.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const [peer, dir, visemes] = process.argv.slice(2);
const { follow } = await import(`./${peer}.mjs`);
for (const name of readdirSync(dir).filter((file) => file.endsWith('.f32'))) {
  const bytes = readFileSync(`${dir}/${name}`);
  const samples = new Float32Array(new Uint8Array(bytes).buffer);
  const rows = await follow(samples, dir, visemes?.split(','));
  writeFileSync(`${dir}/${name.replace('.f32', '.json')}`, JSON.stringify(rows));
}
