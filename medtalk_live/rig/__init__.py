"""The face rig: 174 MetaHuman controls, their table, frames and mappings."""
