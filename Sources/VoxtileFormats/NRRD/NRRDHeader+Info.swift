import Voxtile

extension NRRDHeader {
  /// What the header says about its volume.
  ///
  /// - Throws: as ``layout()`` and ``geometry(_:)``.
  func volumeInfo(_ layout: NRRDLayout) throws(VoxtileError) -> VolumeInfo {
    let geometry = try geometry(layout.axes)
    let segments = NRRDSegments(pairs)
    return VolumeInfo(
      extent: layout.shape.extent, channels: layout.shape.channels, scalarType: layout.shape.scalarType,
      isLabelMap: segments.isLabelMap && layout.shape.scalarType.isInteger,
      metadata: VolumeMetadata(
        affine: geometry.placement.affine, header: .init(format: NRRDFormat.name, bytes: text.bytes),
        place: geometry.place, spatialRank: layout.axes.spatial.count < 3 ? 2 : 3),
      details: try details(layout, segments), notes: geometry.notes + notes(layout))
  }

  private func notes(_ layout: NRRDLayout) -> [String] {
    var notes: [String] = []
    if layout.shape.scalarType.byteCount > 1, field("endian") == nil {
      notes.append("does not say its byte order (endian), which is taken as little")
    }
    if layout.axes.sizes.count > 3, isAxisOfChannelsUnknown {
      let count = layout.axes.sizes.count
      notes.append(
        "does not say what its \(count) axes are (kinds); the first three are taken as those of the image, "
          + (count == 4 ? "the last as that of channels" : "the others as those of channels"))
    }
    return notes
  }

  private func details(
    _ layout: NRRDLayout, _ segments: NRRDSegments
  ) throws(VoxtileError) -> [(name: String, value: String)] {
    var details: [(name: String, value: String)] = [
      ("version", text.lines.first?.text ?? ""),
      ("type", field("type")?.value ?? ""),
      ("axes", layout.axes.sizes.map(String.init).joined(separator: " x ")),
      ("encoding", layout.encoding.name + (layout.file.map { ", in \($0)" } ?? "")),
    ]
    if layout.shape.scalarType.byteCount > 1 {
      details.append(("byte order", "\(layout.byteOrder.rawValue)-endian"))
    }
    for name in ["kinds", "space", "content", "units", "space units", "sample units", "measurement frame"] {
      if let value = field(name)?.value, !value.isEmpty { details.append((name, Self.shortened(value))) }
    }
    details += segments.details
    for (key, value) in pairs where NRRDSegments.split(key) == nil && !value.isEmpty {
      details.append((key, Self.shortened(value)))
      if details.count >= Self.maxDetails + segments.segments.count { break }
    }
    return details
  }

  private static func shortened(_ text: String) -> String {
    text.count > 200 ? text.prefix(200) + "..." : text
  }

  /// A header may keep hundreds of DICOM tags.
  private static let maxDetails = 60
}
