import Voxtile
import VoxtileFormats
import VoxtileStore

/// The images of a report, opened and checked.
struct ReportImages {
  /// What the image is.
  let info: VolumeInfo
  /// The image, as it was named.
  let name: String
  /// Whether a box of the image costs only its own bytes.
  let isRandomAccess: Bool

  private let request: ReportRequest
  private let image: SlabScan?
  private let merged: SlabScan?
  private let overlays: [SlabScan]

  private let openImage: (String) throws -> any VolumeReader

  init(_ request: ReportRequest, open openImage: @escaping (String) throws -> any VolumeReader) throws {
    self.request = request
    self.openImage = openImage
    func open(_ path: String) throws -> SlabScan {
      let reader = try openImage(path)
      guard reader.info.extent == request.grid.extent else {
        throw VoxtileError.notOfGrid(reader.info.extent, request.grid.extent, file: path)
      }
      return SlabScan(reader: reader, name: path, check: request.check)
    }
    image = try request.image.map(open)
    merged = try request.merged.map(open)
    overlays = try request.overlays.map(open)
    if let image {
      name = image.name
      info = image.reader.info
      isRandomAccess = image.reader.isRandomAccess
    } else if let source = request.store?.manifest.source {
      name = source.name
      info = VolumeInfo(
        extent: source.extent, channels: source.channels, scalarType: source.scalarType,
        scaling: source.scaling, isLabelMap: source.isLabelMap, metadata: source.metadata)
      isRandomAccess = !source.name.hasSuffix(".gz")
    } else {
      throw VoxtileError(
        .invalidOption, "a report needs an image or a patch folder; name one of them")
    }
    guard (0..<info.channels).contains(request.channel) else {
      throw VoxtileError(
        .invalidOption,
        "channel \(request.channel + 1) does not exist, the image has \(info.channels); use 1 to \(info.channels)",
        context: .init(file: name, expected: "1 to \(info.channels)", found: "\(request.channel + 1)"))
    }
  }

  /// Reads all images.
  func read() throws -> ([ReportData.Layer], ReportData.Merge?) {
    var base: ScannedImage
    if let image {
      base = try scan(image, voxels: request.pictureVoxels, withJumps: merged != nil)
    } else if request.store != nil {
      base = try scanPatches(voxels: request.pictureVoxels)
    } else {
      preconditionFailure("a report has an image or a patch folder")
    }
    base.layer.name = image == nil ? "patches" : "image"
    if !info.isColor, info.channels > 1 {
      base.layer.name += ", channel \(request.channel + 1) of \(info.channels)"
    }
    var layers = [base.layer]
    let results = try merged.map { try readMerged($0, beside: base, voxels: request.pictureVoxels) }
    if let results { layers += results.layers }
    for overlay in overlays {
      var layer = try scan(overlay, voxels: request.pictureVoxels, withJumps: false).layer
      layer.name = overlay.name.lastPathComponent
      layer.role = .overlay
      layers.append(layer)
    }
    return (PictureBudget.fit(layers, bytes: request.pictureBytes), results?.merge)
  }

  /// What one pass over an image gives.
  private struct ScannedImage {
    var layer: ReportData.Layer
    var jumps: PerAxis<[Double]>?
  }

  private func scan(_ scan: SlabScan, voxels: Int, withJumps: Bool) throws -> ScannedImage {
    let info = scan.reader.info
    var builder = LayerBuilder(
      of: info, channel: min(request.channel, info.channels - 1), voxels: voxels,
      isLabelMap: request.isLabelMap)
    var jumps = withJumps ? ImageJumps(over: info.extent) : nil
    try scan.forEach { slab, region in
      try builder.add(slab, at: region)
      jumps?.add(
        slab.voxels, from: builder.channels.lowerBound * region.voxelCount, at: region,
        mayBeLabels: builder.looksLikeLabels)
    }
    return ScannedImage(
      layer: builder.layer(name: "", role: .base, colorScale: info.colorScale),
      jumps: jumps?.means(areLabels: builder.looksLikeLabels))
  }

  /// Makes the picture of the image from the patch files.
  private func scanPatches(voxels: Int) throws -> ScannedImage {
    guard let store = request.store else { preconditionFailure("there is a patch folder") }
    var info = info
    let first = try openImage(store.path(of: request.grid[0])).info
    info.channels = first.channels
    info.scalarType = first.scalarType
    info.isLabelMap = first.isLabelMap
    var builder = LayerBuilder(
      of: info, channel: min(request.channel, info.channels - 1), voxels: voxels,
      isLabelMap: request.isLabelMap)
    for patch in request.grid {
      let path = store.path(of: patch)
      let reader = try openImage(path)
      guard reader.info.extent == patch.region.extent, reader.info.channels == info.channels else {
        throw VoxtileError.notOfGrid(reader.info.extent, patch.region.extent, file: path)
      }
      try SlabScan(reader: reader, name: path, check: request.check).forEach { slab, region in
        try builder.add(
          slab, at: Region(origin: region.origin + patch.region.origin, extent: region.extent))
      }
    }
    var layer = builder.layer(name: "", role: .base, colorScale: info.colorScale)
    // Voxels of several patches were counted several times.
    layer.labels = nil
    return ScannedImage(layer: layer)
  }

  private func readMerged(
    _ merged: SlabScan, beside base: ScannedImage, voxels: Int
  ) throws -> (merge: ReportData.Merge, layers: [ReportData.Layer]) {
    var scanned = try scan(merged, voxels: voxels, withJumps: true)
    let isSameKind = scanned.layer.kind == base.layer.kind
    scanned.layer.name = "merged"
    scanned.layer.role = isSameKind ? .base : .overlay
    var merge = ReportData.Merge(
      output: merged.name, blend: request.blend, difference: nil,
      seams: SeamScore(
        grid: request.grid, merged: scanned.jumps ?? PerAxis([]),
        original: isSameKind ? base.jumps : nil))
    var layers = [scanned.layer]
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
        levels: levels.values, window: [0, difference.largest], bytes: levels.bytes(of: values))
    )
  }
}

extension VoxtileError {
  fileprivate static func notOfGrid(_ found: Extent, _ expected: Extent, file: String) -> VoxtileError {
    VoxtileError(
      .shapeMismatch, "is \(found) voxels, but the grid was laid for \(expected); name an image of that size",
      context: .init(file: file, expected: "\(expected)", found: "\(found)"))
  }
}
