/// The order of a model's spatial dimensions, slowest first.
public enum AxisOrder: String, CaseIterable, Hashable, Sendable {
  /// `[n, c, z, y, x]`: as voxels lie in memory, and as SimpleITK and nnU-Net read them. A planar model has
  /// `[n, c, y, x]`.
  case zyx
  /// `[n, c, x, y, z]`: as nibabel, MONAI and TorchIO read a NIfTI file. A planar model has `[n, c, x, y]`.
  case xyz
}
