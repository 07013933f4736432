import Voxtile
import VoxtileFormats
import VoxtileStore

/// The images of a report, opened and checked.
struct ReportImages {
  /// The description of the image.
  let info: VolumeInfo
  /// The path of the image, as given in the request.
  let name: String
  /// Whether reading a box of the image costs only the bytes of that box.
  let isRandomAccess: Bool

  let request: ReportRequest
  let image: SlabScan?
  private let merged: SlabScan?
  private let overlays: [SlabScan]
  private let labelTables: [LabelTable]

  private let openImage: @Sendable (String) throws -> any VolumeReader

  init(_ request: ReportRequest, open openImage: @escaping @Sendable (String) throws -> any VolumeReader)
    throws
  {
    self.request = request
    self.openImage = openImage
    func open(_ path: String) throws -> SlabScan {
      let reader = try openImage(path)
      guard reader.info.extent == request.grid.extent else {
        throw VoxtileError.notOfGrid(reader.info.extent, request.grid.extent, file: path)
      }
      return SlabScan(reader: reader, name: path, slabBytes: request.slabBytes, check: request.check)
    }
    // Read first, since it is quick and may be the wrong file.
    labelTables = try request.checkedLabelTables().map { path in try LabelTable(contentsOf: path) }
    image = try request.image.map(open)
    merged = try request.merged.map(open)
    overlays = try request.overlays.map(open)
    if let image {
      name = image.name
      info = image.reader.info
      isRandomAccess = image.reader.isRandomAccess
    } else if let source = request.store?.manifest.source {
      name = source.name
      info = source.info
      isRandomAccess = ImageFormats.registry.isRandomAccess(forName: source.name)
    } else {
      throw VoxtileError(
        .invalidOption, "a report needs an image or a patch folder; give one of them")
    }
    try checkPlaces()
    try checkChannels()
  }

  /// Throws if an image lies elsewhere than the one that it is shown with.
  private func checkPlaces() throws {
    func check(_ scan: SlabScan, _ name: String, of other: VolumeInfo, _ otherName: String) throws {
      do throws(VoxtileError) {
        try scan.reader.info.checkOnGrid(of: other, named: name, otherName: otherName)
      } catch {
        throw error.inFile(scan.name)
      }
    }
    if let image, let source = request.store?.manifest.source.info {
      try check(image, "the image", of: source, "the one that was cut")
    }
    if let merged { try check(merged, "the merged image", of: info, "the original") }
    for overlay in overlays { try check(overlay, "the overlay", of: info, "the image") }
  }

  /// Throws if no shown image has a requested channel. A prediction may have more channels than its scan.
  private func checkChannels() throws {
    guard let asked = request.channels, !asked.isEmpty else { return }
    var counts = [image, merged].compactMap { $0?.reader.info.channels }
    if image == nil, let store = request.store {
      counts += request.grid.lazy.compactMap { try? openImage(store.path(of: $0)).info.channels }.prefix(1)
    }
    let most = counts.max() ?? info.channels
    for channel in asked where !(0..<most).contains(channel) {
      throw VoxtileError(
        .invalidOption,
        "channel \(channel + 1) does not exist: the image has "
          + (most == 1 ? "1 channel" : "\(most) channels; use 1 to \(most)"),
        context: .init(file: name, expected: "1 to \(most)", found: "\(channel + 1)"))
    }
  }

  /// Reads all images and builds their layers.
  func read() throws -> (
    layers: [ReportData.Layer], merge: ReportData.Merge?, patchPictures: ReportData.PatchPictures?
  ) {
    var base: ScannedImage
    if let image {
      base = try scan(image, voxels: request.pictureVoxels, withJumps: merged != nil)
    } else if request.store != nil {
      do {
        base = try scanPatches(voxels: request.pictureVoxels)
      } catch let error as VoxtileError {
        throw VoxtileError.patchNotShown(error)
      }
    } else {
      preconditionFailure("a report has an image or a patch folder")
    }
    base.name(image == nil ? "patches" : "image", labels: sharedLabelTable)
    var layers = base.layers
    let results = try merged.map { try readMerged($0, beside: base, voxels: request.pictureVoxels) }
    if let results { layers += results.layers }
    for (index, overlay) in overlays.enumerated() {
      var scanned = try scan(
        overlay, as: .overlay, voxels: request.pictureVoxels, withJumps: false)
      let table = labelTables.count > 1 ? labelTables[index] : sharedLabelTable
      scanned.name(overlay.name.fileName, labels: table)
      layers += scanned.layers
    }
    let patches = try ReportData.PatchPictures.read(
      request, of: info, beside: base.layers[0], faults: base.faults, open: openImage)
    return (PictureBudget.fit(layers, bytes: request.pictureBytes), results?.merge, patches)
  }

  /// The table for all label maps.
  var sharedLabelTable: LabelTable {
    labelTables.count == 1 ? labelTables[0] : LabelTable()
  }

  /// Of an image with more channels the first is shown; of an overlay, such as the probabilities of several labels, the first ones.
  private static let (mostChannels, mostOverlayChannels) = (4, 16)

  /// The result of one pass over an image.
  struct ScannedImage {
    /// One layer for each shown channel.
    var layers: [ReportData.Layer]
    var jumps: PerAxis<[Double]>?
    var faces: FaceJumps?
    /// The patch files that could not be read, where the image was drawn from them.
    var faults: [ReportData.PatchPictures.Unread] = []

    init(
      _ builders: [LayerBuilder], of info: VolumeInfo, as role: ReportData.Layer.Role = .base,
      file: String? = nil
    ) {
      // One file shows one kind of values: of probabilities, a channel may be 0 everywhere.
      let areLabels = builders.allSatisfy(\.looksLikeLabels)
      layers = builders.map { builder in
        let isOneOfMany = info.channels > 1 && !info.isColor
        var layer = builder.layer(role: role, colorScale: info.colorScale, areLabels: areLabels)
        if isOneOfMany {
          let channel = builder.channels.lowerBound
          layer.channel = .init(
            index: channel, count: info.channels, file: "",
            name: "channel \(channel + 1) of \(info.channels)")
        }
        layer.source = file.map { .init(file: $0, channel: builder.channels.lowerBound) }
        return layer
      }
    }

    var kind: ReportData.Layer.Kind { layers[0].kind }

    /// Whether all values lie between 0 and 1, as probabilities do.
    var hasProbabilities: Bool {
      kind == .intensity
        && layers.allSatisfy { ($0.levels.first ?? 0) >= 0 && ($0.levels.last ?? 1) <= 1 }
    }

    /// Whether the values mean what those of another image mean.
    func isLike(_ other: Self) -> Bool {
      kind == other.kind && (hasProbabilities == other.hasProbabilities)
    }

    /// Makes overlays of the layers.
    mutating func lieOver() {
      for index in layers.indices {
        layers[index].role = .overlay
        if hasProbabilities { layers[index].window = [0, 1] }
      }
    }

    /// Names the layers and what they show.
    ///
    /// - Parameter labels: the names of labels that were given.
    mutating func name(_ name: String, labels: LabelTable) {
      for index in layers.indices { layers[index].name(name, labels: labels) }
    }
  }

  private func builders(
    of info: VolumeInfo, as role: ReportData.Layer.Role = .base, voxels: Int
  ) -> [LayerBuilder] {
    let asked = request.channels ?? Self.channels(of: info, as: role)
    // An overlay or merged image may have fewer channels than requested, but always has one.
    let existing = asked.filter { $0 < info.channels }
    let channels = info.isColor || existing.isEmpty ? [0] : existing
    return channels.map { channel in
      LayerBuilder(
        of: info, channel: channel, voxels: voxels / channels.count, isLabelMap: request.isLabelMap)
    }
  }

  /// The channels that are shown where none are requested.
  private static func channels(of info: VolumeInfo, as role: ReportData.Layer.Role) -> [Int] {
    switch role {
    case .base: info.channels <= mostChannels ? Array(0..<info.channels) : [0]
    case .overlay: Array(0..<min(info.channels, mostOverlayChannels))
    }
  }

  func scan(
    _ scan: SlabScan, as role: ReportData.Layer.Role = .base, voxels: Int, withJumps: Bool
  ) throws -> ScannedImage {
    let info = scan.reader.info
    var builders = builders(of: info, as: role, voxels: voxels)
    var jumps = withJumps ? ImageJumps(over: info.extent) : nil
    var faces = withJumps && request.scoresPatches ? FaceJumps(over: request.grid) : nil
    try scan.forEach { slab, region in
      for index in builders.indices { try builders[index].add(slab, at: region) }
      jumps?.add(
        slab.voxels, from: builders[0].channels.lowerBound * region.voxelCount, at: region,
        mayBeLabels: builders[0].looksLikeLabels)
      faces?.add(slab.voxels, from: builders[0].channels.lowerBound * region.voxelCount, at: region)
    }
    var scanned = ScannedImage(builders, of: info, as: role, file: scan.name)
    scanned.jumps = jumps?.means(areLabels: scanned.kind == .labels)
    scanned.faces = faces
    return scanned
  }

  /// Draws the image from its patch files.
  private func scanPatches(voxels: Int) throws -> ScannedImage {
    guard let store = request.store else { preconditionFailure("there is a patch folder") }
    var info = info
    var builders: [LayerBuilder] = []
    var faults: [(index: Int, error: VoxtileError)] = []
    for patch in request.grid {
      let path = store.path(of: patch)
      do {
        let reader = try store.checked(openImage(path), as: patch)
        if builders.isEmpty {
          info.channels = reader.info.channels
          info.scalarType = reader.info.scalarType
          info.isLabelMap = reader.info.isLabelMap
          builders = self.builders(of: info, voxels: voxels)
        }
        guard reader.info.channels == info.channels else {
          throw VoxtileError(
            .shapeMismatch, "has \(reader.info.channels) channels, and the first file has \(info.channels)",
            context: .init(file: path, expected: "\(info.channels)", found: "\(reader.info.channels)"))
        }
        let scan = SlabScan(reader: reader, name: path, slabBytes: request.slabBytes, check: request.check)
        try scan.forEach { slab, region in
          let place = Region(origin: region.origin + patch.region.origin, extent: region.extent)
          for index in builders.indices { try builders[index].add(slab, at: place) }
        }
      } catch let error as VoxtileError where ReportData.PatchPictures.areDrawn(of: request.grid) {
        // It leaves a gap, and is named where its picture would be.
        faults.append((patch.index, error))
      }
    }
    if builders.isEmpty, let first = faults.first { throw first.error }
    var scanned = ScannedImage(builders, of: info)
    scanned.faults = faults.map { .init(index: $0.index, fault: "\($0.error)") }
    // Voxels in overlaps were counted more than once.
    for index in scanned.layers.indices { scanned.layers[index].labels = nil }
    return scanned
  }
}

extension VoxtileError {
  fileprivate static func patchNotShown(_ error: VoxtileError) -> VoxtileError {
    VoxtileError(
      error.code, error.message, remedy: .nameSourceImage, context: error.context,
      underlying: error.underlying)
  }

  fileprivate static func notOfGrid(_ found: Extent, _ expected: Extent, file: String) -> VoxtileError {
    VoxtileError(
      .shapeMismatch, "is \(found), but the grid expects \(expected); use a file of that size",
      context: .init(file: file, expected: "\(expected)", found: "\(found)"))
  }
}
