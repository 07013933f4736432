import Voxtile

extension ZarrImage {
  /// What the file says about its volume, and what each axis of the array is in it.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` or `VoxtileError.Code.unsupportedFormat` where axes or transformations are not
  ///   as they should be.
  func described() throws(VoxtileError) -> (info: VolumeInfo, roles: [OMEAxis.Role]) {
    do throws(VoxtileError) {
      let axes = try axes()
      let roles = try axes.roles()
      let transform = try transform()
      var geometry = OMEGeometry(axes, roles, transform)
      try geometry.apply(attributes)
      let header = OMEHeader(
        version: array.version, axes: axes, shape: array.shape, transform: transform, place: geometry.place,
        attributes: attributes)
      let (extent, channels) = Self.sizes(array.shape, roles)
      let info = VolumeInfo(
        extent: extent, channels: channels, scalarType: array.dataType.scalarType, isLabelMap: isLabelMap,
        metadata: header.metadata(affine: geometry.affine), details: details(axes),
        notes: notes + unitNotes(axes))
      return (info, roles)
    } catch {
      throw error.inFile(folder.path)
    }
  }

  private func axes() throws(VoxtileError) -> [OMEAxis] {
    let rank = array.shape.count
    if let axes = multiscale?.image.axes {
      guard axes.count == rank else {
        throw VoxtileError(
          .malformedFile,
          "is an array of \(ZarrArrayMetadata.text(array.shape)), but its group describes the \(axes.count) axes "
            + "\(axes.map(\.name).joined(separator: ", ")); repair its field axes",
          context: .init(expected: "\(rank) axes", found: "\(axes.count)"))
      }
      return axes
    }
    return array.axisNames.map([OMEAxis].named) ?? .usual(rank: rank)
  }

  private func transform() throws(VoxtileError) -> OMETransform? {
    guard let multiscale, multiscale.image.hasTransform(multiscale.level) else { return nil }
    return try multiscale.image.transform(of: multiscale.level, rank: array.shape.count)
  }

  /// Whether the values are labels: the group says so, or they are true and false.
  private var isLabelMap: Bool {
    guard array.dataType.scalarType.isInteger else { return false }
    let label = attributes["ome"]?["image-label"] ?? attributes["image-label"]
    return array.dataType == .boolean || (multiscale != nil && label != nil)
  }

  private static func sizes(_ shape: [Int], _ roles: [OMEAxis.Role]) -> (Extent, channels: Int) {
    var sizes = PerAxis(1)
    var channels = 1
    for (size, role) in zip(shape, roles) {
      switch role {
      case .space(let axis): sizes[axis] = size
      case .channel: channels *= size
      }
    }
    return (Extent(sizes), channels)
  }

  private func unitNotes(_ axes: [OMEAxis]) -> [String] {
    let spaces = axes.filter { $0.type == "space" }
    let unknown = Set(spaces.compactMap(\.unit).filter { LengthUnit.millimeters($0) == nil })
    var notes = unknown.sorted().map {
      "gives lengths in the unit \"\($0.prefix(40))\", which is not known here; they are taken as mm"
    }
    if let multiscale, multiscale.image.hasTransform(multiscale.level), spaces.allSatisfy({ $0.unit == nil }),
      let transform = try? transform(), transform != OMETransform(rank: axes.count)
    {
      notes.append("gives lengths without a unit; they are taken as mm")
    }
    return notes
  }
}

extension ZarrImage {
  /// More that is known, for a person.
  private func details(_ axes: [OMEAxis]) -> [(name: String, value: String)] {
    let zarr = "Zarr v\(array.version)"
    var details: [(name: String, value: String)] = [
      (
        "version",
        multiscale.map { "OME-Zarr \($0.image.version ?? "of no stated version"), \(zarr)" } ?? zarr
      ),
      ("axes", axes.map { $0.name + ($0.unit.map { " (\($0))" } ?? "") }.joined(separator: ", ")),
      ("shape", ZarrArrayMetadata.text(array.shape)), ("data type", array.dataType.name),
    ]
    if case .shards(let sharding) = array.codecs.packing {
      details.append(("chunks", ZarrArrayMetadata.text(sharding.inner.form.shape)))
      details.append(("shards", ZarrArrayMetadata.text(array.chunkShape)))
    } else {
      details.append(("chunks", ZarrArrayMetadata.text(array.chunkShape)))
    }
    details.append(("codecs", array.codecs.names.joined(separator: ", ")))
    if let multiscale {
      let levels = multiscale.image.levels.map(\.path)
      details.append(("level", "\(levels[multiscale.level]) of \(levels.joined(separator: ", "))"))
    }
    if let channels = (attributes["ome"]?["omero"] ?? attributes["omero"])?["channels"]?.values {
      let names = channels.compactMap { $0["label"]?.string }
      if !names.isEmpty { details.append(("channels", names.prefix(32).joined(separator: ", "))) }
    }
    return details
  }
}

extension CodecChain {
  /// The names of all codecs, those within shards last.
  var names: [String] {
    let transpose = order == Array(order.indices) ? [] : ["transpose"]
    switch packing {
    case .values: return transpose + ["bytes"] + byteCodecs.map(\.name)
    case .shards(let sharding):
      return transpose + ["sharding_indexed"] + byteCodecs.map(\.name) + sharding.inner.names
    }
  }
}
