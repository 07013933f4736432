import Voxtile

extension NiftiHeader {
  /// The code for values that are labels, NIFTI_INTENT_LABEL.
  static let labelIntent = 1002

  /// What the header says about its volume.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where scaling or geometry is not finite.
  func volumeInfo(_ shape: NiftiShape) throws(VoxtileError) -> VolumeInfo {
    let scaling = shape.datatype.isColor ? nil : try scaling()
    if let scaling, shape.datatype.components == 2, scaling.intercept != 0 {
      throw VoxtileError(
        .unsupportedFormat,
        "adds scl_inter \(scaling.intercept) to complex values, which concerns their real part alone and is "
          + "not read here; store it with an intercept of 0",
        context: .init(expected: "0", found: "\(scaling.intercept)"))
    }
    return VolumeInfo(
      extent: shape.extent, channels: shape.channels, scalarType: shape.datatype.scalarType,
      scaling: scaling, isLabelMap: integer(.intentCode) == Self.labelIntent,
      metadata: metadata(affine: try affine()), details: try details(shape), notes: notes(shape.extent))
  }

  /// Where the image lies, with the header.
  func metadata(affine: Affine) -> VolumeMetadata {
    VolumeMetadata(
      affine: affine, header: .init(format: NiftiFormat.name, bytes: bytes),
      place: placement == .pixdim ? .spacing : .world, spatialRank: rank < 3 ? 2 : 3)
  }

  private func details(
    _ shape: NiftiShape
  ) throws(VoxtileError) -> [(name: String, value: String)] {
    var details: [(name: String, value: String)] = [
      ("version", "NIfTI-\(version.rawValue), \(isSingleFile ? "single file" : "header and image")"),
      ("byte order", "\(byteOrder.rawValue)-endian"),
      ("datatype", "\(shape.datatype) (\(shape.datatype.rawValue))"),
      ("dimensions", (1...rank).map { "\(integer(.dim, $0))" }.joined(separator: " x ")),
      ("voxel units", spatialUnit),
      (
        "placed by",
        placement.rawValue + (hasSform && placement != .sform ? ", as the sform is singular" : "")
      ),
      ("qform code", codeName(integer(.qformCode))),
      ("sform code", codeName(integer(.sformCode))),
    ]
    if rank >= 4 {
      details.append(("repetition", "\(real(.pixdim, 4)) \(timeUnit)"))
    }
    if integer(.intentCode) != 0 {
      let name = text(at: (328, 508), byteCount: 16)
      details.append(("intent", "\(integer(.intentCode))" + (name.isEmpty ? "" : " (\(name))")))
    }
    if real(.calMin) != 0 || real(.calMax) != 0 {
      details.append(("display range", "\(real(.calMin)) to \(real(.calMax))"))
    }
    for (name, offsets, count) in [
      ("description", (148, 240), 80), ("auxiliary file", (228, 320), 24),
    ] {
      let text = text(at: offsets, byteCount: count)
      if !text.isEmpty { details.append((name, text)) }
    }
    for (code, byteCount) in try extensions() {
      details.append(("extension", "code \(code), \(byteCount) bytes"))
    }
    return details
  }

  private var spatialUnit: String {
    switch integer(.units) & 7 {
    case 0: "unknown, taken as mm"
    case 1: "m, converted to mm"
    case 2: "mm"
    case 3: "micrometer, converted to mm"
    case let code: "code \(code), taken as mm"
    }
  }

  private var timeUnit: String {
    switch integer(.units) & 56 {
    case 8: "s"
    case 16: "ms"
    case 24: "microseconds"
    case 32: "Hz"
    case 40: "ppm"
    case 48: "rad/s"
    default: "(unknown unit)"
    }
  }

  func codeName(_ code: Int) -> String {
    let names = ["unknown", "scanner", "aligned", "Talairach", "MNI 152", "template"]
    return names.indices.contains(code) ? "\(code) (\(names[code]))" : "\(code) (invalid, taken as 0)"
  }
}
