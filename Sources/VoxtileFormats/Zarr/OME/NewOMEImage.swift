import Voxtile

/// An image that is going to be written as OME-Zarr: its axes, and what its group says.
///
/// Where the metadata have a header of Zarr, its axes come back in their order, with their names and units, and so do the sizes of
/// axes that are no space, as long as they make the same number of channels.
struct NewOMEImage: Sendable {
  /// The version of Zarr, 2 or 3.
  let version: Int
  let axes: [OMEAxis]
  let roles: [OMEAxis.Role]
  /// The sizes of the axes.
  let shape: [Int]
  /// Where the voxels lie, in the units of the axes.
  let transform: OMETransform
  private let isLabelMap: Bool
  private let kept: OMEHeader?
  private let attribute: JSONValue?

  /// - Parameter version: the version of Zarr that is asked for.
  /// - Throws: `VoxtileError.Code.malformedFile` where the metadata have a header of Zarr that is damaged.
  init(_ info: VolumeInfo, version: Int = 3) throws(VoxtileError) {
    var kept: OMEHeader?
    if let header = info.metadata.header, header.format == ZarrFormat.name {
      kept = try OMEHeader(header.bytes)
    }
    self.version = version
    self.kept = kept
    (axes, shape) = try Self.axes(of: info, kept)
    roles = try axes.roles()
    isLabelMap = info.isLabelMap
    let isPlanar = !roles.contains(.space(.z))
    let written = OMEGeometry.written(info.metadata, isPlanar: isPlanar)
    attribute = written.attribute
    var transform = Self.transform(written, axes, roles, kept)
    if kept == nil, case .time(let step?) = info.channelMeaning,
      let index = axes.firstIndex(where: { $0.type == "time" })
    {
      transform.scale[index] = step
    }
    self.transform = transform
    guard (transform.scale + transform.translation).allSatisfy(\.isFinite) else {
      throw VoxtileError(
        .malformedFile,
        "has voxels of \(written.spacing.all) mm, which are no finite number in the units of its axes",
        context: .init(expected: "finite numbers", found: "\(transform.scale)"))
    }
  }

  private static func axes(
    of info: VolumeInfo, _ kept: OMEHeader?
  ) throws(VoxtileError) -> ([OMEAxis], shape: [Int]) {
    func shape(_ axes: [OMEAxis], _ channels: [Int]) throws(VoxtileError) -> [Int] {
      var channels = channels[...]
      return try axes.roles().map { role in
        if case .space(let axis) = role { info.extent[axis] } else { channels.popFirst() ?? 1 }
      }
    }
    if let kept {
      let roles = try kept.axes.roles()
      let spaces = kept.axes.indices.filter { roles[$0] != .channel }
      let others = kept.axes.indices.filter { roles[$0] == .channel }.map { kept.shape[$0] }
      if spaces.count == 3 || info.extent.isPlanar {
        if others.product == info.channels { return (kept.axes, try shape(kept.axes, others)) }
        let channel = info.channels > 1 ? [OMEAxis("c", type: "channel")] : []
        let axes = channel + spaces.map { kept.axes[$0] }
        if Set(axes.map(\.name)).count == axes.count { return (axes, try shape(axes, [info.channels])) }
      }
    }
    let unit = info.metadata.place == .unknown ? nil : "millimeter"
    let names = info.isPlanar ? ["y", "x"] : ["z", "y", "x"]
    let axes =
      (info.channels > 1 ? [channelAxis(of: info)] : [])
      + names.map { OMEAxis($0, type: "space", unit: unit) }
    return (axes, try shape(axes, [info.channels]))
  }

  /// The axis of channels of another format: that of time where those are time points.
  private static func channelAxis(of info: VolumeInfo) -> OMEAxis {
    guard case .time(let step) = info.channelMeaning else { return OMEAxis("c", type: "channel") }
    return OMEAxis("t", type: "time", unit: step == nil ? nil : "second")
  }

  /// The transformation in the units of the axes. Numbers that a header has come back to the bit.
  private static func transform(
    _ written: OMEGeometry.Written, _ axes: [OMEAxis], _ roles: [OMEAxis.Role], _ kept: OMEHeader?
  ) -> OMETransform {
    var transform = OMETransform(rank: axes.count)
    for (index, axis) in axes.enumerated() {
      let old = kept?.axes.firstIndex { $0.name == axis.name }
      let before = kept?.transform.flatMap { transform in
        old.map { (transform.scale[$0], transform.translation[$0]) }
      }
      guard case .space(let space) = roles[index] else {
        (transform.scale[index], transform.translation[index]) = before ?? (1, 0)
        continue
      }
      let unit = axis.millimeters ?? 1
      func number(_ millimeters: Double, _ known: Double?) -> Double {
        if let known, known * unit == millimeters { return known }
        return millimeters / unit
      }
      transform.scale[index] = number(written.spacing[space], before?.0)
      transform.translation[index] = number(written.translation[space], before?.1)
    }
    return transform
  }

  /// Sizes of chunks for sizes along the axes of the image. Channels have chunks of their own, but for those that follow the axes
  /// of space, as colors do.
  func chunkShape(_ chunk: Extent) -> [Int] {
    let firstSpace = roles.firstIndex { $0 != .channel } ?? 0
    return roles.enumerated().map { index, role in
      if case .space(let axis) = role { return chunk[axis] }
      return index < firstSpace ? 1 : min(shape[index], 4)
    }
  }
}

extension NewOMEImage {
  /// The documents of the group, each with its name.
  ///
  /// - Parameter levels: the paths of the arrays with their transformations, that of full resolution first.
  func documents(levels: [(path: String, transform: OMETransform)], name: String) -> [(String, JSONValue)] {
    let datasets = levels.map { level in
      JSONValue.members([
        "path": .string(level.path), "coordinateTransformations": level.transform.json,
      ])
    }
    let image = JSONValue.members([
      "version": version == 2 ? omeVersion : nil, "name": .string(name), "axes": .array(axes.map(\.value)),
      "datasets": .array(datasets),
    ])
    var ome: [JSONValue.Member] = [.init(key: "multiscales", value: .array([image]))]
    ome += keptMembers
    if version == 3 { ome.insert(.init(key: "version", value: omeVersion), at: 0) }
    var attributes = version == 3 ? [.init(key: "ome", value: .object(ome))] : ome
    if let attribute { attributes.append(.init(key: OMEGeometry.attribute, value: attribute)) }
    attributes += kept?.attributes.members ?? []
    if version == 2 {
      return [
        (".zgroup", .members(["zarr_format": .integer(2)])),
        (ZarrNode.version2Attributes, .object(attributes)),
      ]
    }
    return [
      (
        ZarrArrayMetadata.version3File,
        .members([
          "zarr_format": .integer(3), "node_type": .string("group"), "attributes": .object(attributes),
        ])
      )
    ]
  }

  /// What comes back of the metadata of an older file: of labels their colors, of other images how channels are shown.
  private var keptMembers: [JSONValue.Member] {
    if isLabelMap {
      let label = kept?.ome["image-label"] ?? .members(["version": omeVersion])
      return [.init(key: "image-label", value: ofThisVersion(label))]
    }
    guard let omero = kept?.ome["omero"], omero["channels"]?.values?.count == channelCount else { return [] }
    return [.init(key: "omero", value: ofThisVersion(omero))]
  }

  /// The same metadata, where these say a version of OME-Zarr with the one that is written.
  private func ofThisVersion(_ value: JSONValue) -> JSONValue {
    .object(value.members.map { $0.key == "version" ? .init(key: "version", value: omeVersion) : $0 })
  }

  private var omeVersion: JSONValue { .string(version == 3 ? "0.5" : "0.4") }

  private var channelCount: Int {
    zip(axes, shape).reduce(1) { $1.0.type == "channel" ? $0 * $1.1 : $0 }
  }
}
