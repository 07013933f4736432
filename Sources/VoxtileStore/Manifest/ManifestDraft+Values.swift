import Voxtile

// What the fields of a manifest mean, once all of them are known.

extension ManifestDraft {
  /// Whether a key is there that a reader has to understand.
  func has(_ key: Manifest.RequiredKey) -> Bool {
    switch key {
    case .palette: source?.palette != nil
    case .axes: entries?.contains { $0.axes != nil } ?? false
    case .values: values != nil
    }
  }

  /// A field that has to be there.
  static func require<Value>(_ value: Value?, _ field: String) throws(VoxtileError) -> Value {
    guard let value else { throw .missingInManifest(field) }
    return value
  }

  static func extent(_ sizes: [Int]?, field: String) throws -> Extent {
    let sizes = try require(sizes, field)
    guard sizes.count == 3, sizes.allSatisfy({ $0 >= 1 }) else {
      throw VoxtileError.badManifest(field, "\(sizes)", expected: "3 numbers of at least 1")
    }
    let extent = Extent(width: sizes[0], height: sizes[1], depth: sizes[2])
    guard extent.voxelCountIfRepresentable != nil else {
      throw VoxtileError.badManifest(field, "\(sizes)", expected: "a size that can be counted")
    }
    return extent
  }

  static func scalarType(_ name: String?, field: String) throws -> ScalarType {
    let name = try require(name, field)
    guard let type = ScalarType(rawValue: name) else {
      throw VoxtileError.badManifest(
        field, name, expected: "one of \(ScalarType.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return type
  }

  static func scaling(_ scaling: VolumeInfo.Scaling?, field: String) throws -> VolumeInfo.Scaling? {
    guard scaling?.isUsable ?? true else {
      throw VoxtileError.badManifest(
        field, scaling.map { "\($0.slope), \($0.intercept)" } ?? "",
        expected: "a finite slope that is not 0, and a finite intercept")
    }
    return scaling
  }
}

extension Manifest.Source {
  init(_ draft: ManifestDraft.Source, hasPalette: Bool) throws {
    let extent = try ManifestDraft.extent(draft.extent, field: "source.extent")
    let channels = try ManifestDraft.require(draft.channels, "source.channels")
    guard channels >= 1 else {
      throw VoxtileError.badManifest("source.channels", "\(channels)", expected: "at least 1")
    }
    let values = extent.voxelCount.multipliedReportingOverflow(by: channels)
    guard !values.overflow, values.partialValue <= Manifest.maxValues else {
      throw VoxtileError.badManifest(
        "source.channels", "\(channels)",
        expected: "at most \(Manifest.maxValues / extent.voxelCount) for an image of \(extent) voxels")
    }
    let affine = try ManifestDraft.require(draft.affine, "source.affine")
    guard affine.count == 3, affine.allSatisfy({ $0.count == 4 }) else {
      throw VoxtileError.badManifest("source.affine", "\(affine)", expected: "3 rows of 4 numbers")
    }
    let header = try draft.header.map { header in
      VolumeMetadata.Header(
        format: try ManifestDraft.require(header.format, "source.header.format"),
        bytes: try ManifestDraft.require(header.bytes, "source.header.bytes"))
    }
    self.init(
      name: try ManifestDraft.require(draft.name, "source.name"), extent: extent, channels: channels,
      scalarType: try ManifestDraft.scalarType(draft.scalarType, field: "source.scalarType"),
      scaling: try ManifestDraft.scaling(draft.scaling, field: "source.scaling"),
      isLabelMap: try ManifestDraft.require(draft.isLabelMap, "source.isLabelMap"),
      metadata: .kept(affine: Affine(rows: affine), header: header))
    if hasPalette { palette = try palette(draft.palette ?? []) }
  }

  private func palette(_ found: [[Int]]) throws -> [VolumeInfo.Color] {
    guard channels == 1, scalarType == .uint8 || scalarType == .uint16, !found.isEmpty else {
      throw VoxtileError.badManifest(
        "source.palette", "\(found.count) colors for \(channels) channels of \(scalarType.rawValue)",
        expected: "1 color or more, for one channel of uint8 or uint16")
    }
    return try found.map { color in
      guard color.count == 3 || color.count == 4, color.allSatisfy({ (0...255).contains($0) }) else {
        throw VoxtileError.badManifest(
          "source.palette", "\(color)", expected: "3 or 4 numbers of 0 to 255 for each color")
      }
      let bytes = color.map { UInt8(clamping: $0) }
      return VolumeInfo.Color(
        red: bytes[0], green: bytes[1], blue: bytes[2], alpha: bytes.count == 4 ? bytes[3] : 255)
    }
  }
}

extension Manifest.Entry {
  init(_ draft: ManifestDraft.Entry, of patch: Patch, isTurned: Bool) throws {
    func field(_ name: String) -> String { "patches[\(patch.index)].\(name)" }
    guard let index = draft.index, let found = draft.origin, let extent = draft.extent, let file = draft.file,
      let sum = draft.checksum
    else {
      let names = [
        draft.index == nil ? "index" : nil, draft.origin == nil ? "origin" : nil,
        draft.extent == nil ? "extent" : nil,
        draft.file == nil ? "file" : nil, "checksum",
      ]
      throw VoxtileError.missingInManifest(field(names.compactMap(\.self)[0]))
    }
    let (origin, size) = (patch.region.origin, patch.region.extent)
    guard index == patch.index, found.count == 3, extent.count == 3,
      found[0] == origin.x, found[1] == origin.y, found[2] == origin.z,
      extent[0] == size.width, extent[1] == size.height, extent[2] == size.depth
    else {
      throw VoxtileError.badManifest(
        "patches[\(patch.index)]", "patch \(index), \(extent) at \(found)", expected: "\(patch)")
    }
    // A manifest may come from anywhere: it must not lead out of its folder.
    guard !file.isEmpty, !file.utf8.contains(UInt8(ascii: "/")), !file.utf8.contains(0), file != ".",
      file != ".."
    else {
      throw VoxtileError.badManifest(field("file"), file, expected: "a name without a folder")
    }
    guard let checksum = Checksum(sum) else {
      throw VoxtileError.badManifest(field("checksum"), sum, expected: "crc32: and 8 hexadecimal digits")
    }
    self.init(file: file, checksum: checksum)
    guard isTurned, let names = draft.axes else { return }
    guard let axes = FileAxes(names) else {
      throw VoxtileError.badManifest(
        field("axes"), "\(names)",
        expected: "x, y and z in any order, with a minus sign before a reversed one")
    }
    self.axes = axes
  }
}

extension ValueMap {
  init(_ draft: ManifestDraft.Values, channels: Int) throws {
    self.init(
      scalarType: try ManifestDraft.scalarType(draft.scalarType, field: "values.scalarType"),
      scaling: try ManifestDraft.scaling(draft.scaling, field: "values.scaling"),
      steps: try ManifestDraft.require(draft.steps, "values.steps"))
    if let fault = fault(channels: channels) {
      throw VoxtileError.badManifest("values", fault, expected: "steps with finite numbers for each channel")
    }
  }
}

extension GridSettings {
  init(_ draft: ManifestDraft.Grid) throws {
    let overlap = try ManifestDraft.require(draft.overlap, "grid.overlap")
    guard overlap.count == 3 else {
      throw VoxtileError.badManifest("grid.overlap", "\(overlap)", expected: "3 numbers")
    }
    let names = try ManifestDraft.require(draft.edge, "grid.edge")
    let edges = names.compactMap(EdgePolicy.init)
    guard edges.count == 3, names.count == 3 else {
      throw VoxtileError.badManifest("grid.edge", "\(names)", expected: "3 edge policies")
    }
    let padding = try ManifestDraft.require(draft.padding, "grid.padding")
    guard let padding = Padding(padding) else {
      throw VoxtileError.badManifest("grid.padding", padding, expected: "a padding")
    }
    let order = try ManifestDraft.require(draft.order, "grid.order")
    guard let order = PatchOrder(rawValue: order) else {
      throw VoxtileError.badManifest("grid.order", order, expected: "x or z")
    }
    self.init(
      patch: try ManifestDraft.extent(draft.patch, field: "grid.patch"),
      overlap: PerAxis(x: .voxels(overlap[0]), y: .voxels(overlap[1]), z: .voxels(overlap[2])),
      edge: PerAxis(x: edges[0], y: edges[1], z: edges[2]), padding: padding, order: order)
  }
}
