"""TouchDesigner: the 174 controls and the head as channels of a CHOP.

Callbacks of an OSC In DAT (port 9870). Beside it in the network: a Table DAT
``controls`` that loads medtalk_live/rig/controls.csv, and a Script CHOP ``face``
with Modify Outside of Cook switched on. ``op`` is TouchDesigner's.
"""

# ruff: noqa: F821, N802 -- op and the name of the callback are TouchDesigner's
HEAD = ("head_yaw", "head_pitch", "head_roll", "head_x", "head_y", "head_z")


def onReceiveOSC(dat, rowIndex, message, byteData, timeStamp, address, args, peer):
    if address == "/medtalk/1/frame":
        show(args[4:])  # after subject, sequence, table hash and time
    elif address == "/medtalk/1/bye":
        show([0.0] * op("face").numChans)


def show(values):
    """Write head (6) and controls (174) into the channels, made when they first come."""
    face = op("face")
    if face.numChans != len(values):
        face.clear()
        face.numSamples = 1
        for name in (*HEAD, *control_names()):
            face.appendChan(name)
    for channel, value in zip(face.chans(), values, strict=True):
        channel[0] = value


def control_names():
    """Column ``name`` of the table, spelled as a channel may be: L_mouth_stretch_ty."""
    for cell in op("controls").col("name")[1:]:
        name = str(cell).replace("CTRL_", "", 1)
        yield name.replace("-translateX", "_tx").replace("-translateY", "_ty")
