/// What counts as the surface of a mask.
public enum SurfaceDefinition: String, CaseIterable, Hashable, Sendable {
  /// The mesh that marching cubes lay between voxels: a point wherever the eight voxels around a corner are not all alike, which counts
  /// by the area of the mesh there. This is how DeepMind's `surface-distance` measures.
  case mesh
  /// The voxels of the mask that have a face in common with one outside of it, or with the border of the image. Each counts as one.
  /// This is how MONAI measures.
  case voxel
}
