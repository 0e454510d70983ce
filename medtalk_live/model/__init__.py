"""Networks: the streaming contract, the starter model and MEDTalk as published.

Tensor letters, used in every docstring below this folder: B batch, T frames
at 60 Hz, F input features, D embedding width (256), N = 174 controls.
"""
