import Voxtile
import VoxtileFormats
import VoxtileStore

extension ReportImages {
  /// Reads the merged image, and compares it with the original where both have values of one kind.
  func readMerged(
    _ merged: SlabScan, beside base: ScannedImage, voxels: Int
  ) throws -> (merge: ReportData.Merge, layers: [ReportData.Layer]) {
    var scanned = try scan(merged, voxels: voxels, withJumps: true)
    let isSameKind = scanned.isLike(base)
    if !isSameKind { scanned.lieOver() }
    scanned.name("merged", labels: sharedLabelTable)
    var merge = ReportData.Merge(
      output: merged.name, blend: request.blend, remarks: request.remarks, difference: nil,
      seams: SeamScore(
        grid: request.grid, merged: scanned.jumps ?? PerAxis([]),
        original: isSameKind ? base.jumps : nil))
    merge.seams.patches = scanned.faces.flatMap {
      PatchSeams(grid: request.grid, merged: $0, original: isSameKind ? base.faces : nil)
    }
    var layers = scanned.layers
    if let image, isSameKind, image.reader.info.channels == merged.reader.info.channels {
      let (difference, layer) = try compare(merged, with: image, voxels: voxels)
      merge.difference = difference
      layers.append(layer)
    }
    return (merge, layers)
  }

  private func compare(
    _ merged: SlabScan, with image: SlabScan, voxels: Int
  ) throws -> (VolumeDifference, ReportData.Layer) {
    let coverage = request.grid.coverage
    let size = PictureSize.fitting(info.extent, spacing: info.metadata.spacing, voxels: voxels)
    var picture = PictureBuilder(of: info.extent, size: size, isLargest: true)
    var difference = VolumeDifference()
    try merged.forEach { slab, region in
      let differences = difference.add(slab, try image.values(region), at: region, coverage: coverage)
      for channel in 0..<slab.channels {
        picture.add(differences, from: channel * region.voxelCount, at: region)
      }
    }
    try image.reader.checkFileUnchanged()
    let values = picture.means
    let levels = PictureLevels(of: values)
    return (
      difference,
      ReportData.Layer(
        name: "difference to the original", kind: .difference, role: .overlay, extent: size.sizes.all,
        isExact: size == info.extent && levels.isExact,
        spacing: size.sizes.map { axis, size in
          info.metadata.spacing[axis] * Double(info.extent[axis]) / Double(size)
        }.all,
        levels: levels.values, window: [0, difference.largest], bytes: levels.bytes(of: values),
        source: .init(file: merged.name, channel: 0, original: image.name))
    )
  }
}
