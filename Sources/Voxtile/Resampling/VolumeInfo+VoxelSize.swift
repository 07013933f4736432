extension VolumeInfo {
  /// The size of a voxel in mm as a system reads it. nnU-Net and TotalSegmentator take it from the header of a NIfTI file, in
  /// single precision, which decides lengths that are near a half.
  package func voxelSize(for convention: ResamplingConvention) -> PerAxis<Double> {
    let spacing = metadata.spacing
    guard metadata.header?.format == "nifti" else { return spacing }
    switch convention {
    case .nnunet, .nnunetTorch, .totalsegmentator: return spacing.map { Double(Float($1)) }
    default: return spacing
    }
  }
}
