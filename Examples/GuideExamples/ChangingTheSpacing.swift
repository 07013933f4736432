import Voxtile

func changingTheSpacing() throws {
  let extent = Extent(width: 64, height: 64, depth: 40)
  var scan = Volume<Int16>(extent: extent, repeating: 40)
  scan.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(x: 0.8, y: 0.8, z: 1.5)))

  let resampling = try Resampling(
    of: scan.extent, spacing: scan.metadata.spacing, to: PerAxis(1.5), convention: .nnunet)
  let small = try scan.resampled(resampling, as: Float.self)
  print(small.extent)  // 34x34x40
}
