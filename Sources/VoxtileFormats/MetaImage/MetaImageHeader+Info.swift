import Voxtile

extension MetaImageHeader {
  /// What the header says about its volume.
  ///
  /// - Throws: as ``layout()`` and ``geometry(_:)``.
  func volumeInfo(_ layout: MetaImageLayout) throws(VoxtileError) -> VolumeInfo {
    let geometry = try geometry(layout)
    let scaling = try scaling()
    var notes = geometry.notes
    if layout.shape.scalarType.byteCount > 1, entry(.byteOrder) == nil {
      notes.append(
        "does not say its byte order (BinaryDataByteOrderMSB), which is taken as \(layout.byteOrder.rawValue)-endian"
      )
    }
    if let scaling {
      notes.append(
        "has an intensity function, which is applied: \(scaling.slope.rounded(toDecimals: 6)) x value + "
          + "\(scaling.intercept.rounded(toDecimals: 6)); programs that use ITK ignore it")
    }
    if layout.place == .local, layout.skip != 0 {
      notes.append("has a HeaderSize, though its voxels follow the header; it is ignored")
    }
    return VolumeInfo(
      extent: layout.shape.extent, channels: layout.shape.channels, scalarType: layout.shape.scalarType,
      scaling: scaling,
      metadata: VolumeMetadata(
        affine: geometry.placement.affine, header: .init(format: MetaImageFormat.name, bytes: text.bytes),
        place: geometry.place, spatialRank: layout.rank < 3 ? 2 : 3),
      details: details(layout), notes: notes)
  }

  /// What the channels are: as in ITK, the fourth dimension is time, in seconds.
  func channelMeaning(_ layout: MetaImageLayout) -> ChannelMeaning {
    let axes = layout.sizes.dropFirst(3).filter { $0 > 1 }
    guard !axes.isEmpty else { return .unknown }
    let components = layout.shape.components
    guard components == 1, axes.count == 1 else { return .axes((components > 1 ? [components] : []) + axes) }
    guard layout.sizes[3] > 1 else { return .unknown }
    let step = (try? reals(.spacing, count: layout.rank))?[3] ?? 0
    return .time(stepSeconds: step > 0 ? step : nil)
  }

  /// How stored values become real ones, or `nil` where they are the same.
  func scaling() throws(VoxtileError) -> VolumeInfo.Scaling? {
    let slope = try reals(.slope, count: 1)?[0] ?? 1
    let intercept = try reals(.intercept, count: 1)?[0] ?? 0
    if slope == 0 || (slope == 1 && intercept == 0) { return nil }
    return VolumeInfo.Scaling(slope: slope, intercept: intercept)
  }

  private func details(_ layout: MetaImageLayout) -> [(name: String, value: String)] {
    let compression = layout.isCompressed ? "compressed" : "not compressed"
    var details: [(name: String, value: String)] = [
      ("element type", entry(.type)?.value ?? ""),
      ("dimensions", layout.sizes.map(String.init).joined(separator: " x ")),
    ]
    if layout.shape.components > 1 {
      details.append(("channels of an element", "\(layout.shape.components)"))
    }
    if layout.shape.scalarType.byteCount > 1 {
      details.append(("byte order", "\(layout.byteOrder.rawValue)-endian"))
    }
    switch layout.place {
    case .local: details.append(("voxels", "in the same file, \(compression)"))
    case .file(let name): details.append(("voxels", "in \(name), \(compression)"))
    }
    if let letters = entry(.orientation)?.value { details.append(("anatomical orientation", letters)) }
    if let units = entry(.units)?.value { details.append(("distance units", units)) }
    let shown = Set(MetaImageKey.allCases.flatMap(\.names))
    for case (let key, let value)? in contents {
      guard !shown.contains(key), !value.isEmpty else { continue }
      if details.count == Self.maxDetails { break }
      details.append((key, value.count > 200 ? value.prefix(200) + "..." : value))
    }
    return details
  }

  /// A header may keep hundreds of DICOM tags.
  private static let maxDetails = 60
}
