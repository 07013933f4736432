import Voxtile

extension NRRDHeader {
  /// The header for an image that is to be written, and how its voxels are stored.
  ///
  /// A header of this format in the metadata is kept, with the lines changed that no longer hold. Where its axes cannot
  /// hold the image, what it says of them is made anew.
  ///
  /// - Parameter dataFile: the name of the file that gets the voxels, given how they are encoded; `nil` where they follow
  ///   the header.
  /// - Throws: `VoxtileError.Code.malformedFile` or `VoxtileError.Code.unsupportedFormat` where the metadata have an invalid
  ///   header, or the image cannot be held.
  static func make(
    for info: VolumeInfo, dataFile: (NRRDLayout.Encoding) -> String?
  ) throws(VoxtileError) -> (NRRDHeader, NRRDLayout) {
    if let refusal = NRRDFormat.refusal(of: info) { throw refusal }
    var (header, layout) = try kept(for: info) ?? fresh(for: info)
    layout.file = dataFile(layout.encoding)
    (layout.lineSkip, layout.byteSkip) = (0, 0)
    header.removeFields(["line skip", "byte skip"])
    if let file = layout.file {
      header.set("data file", to: file, after: allFields)
    } else {
      header.removeFields(["data file"])
      header.close()
    }
    header.setLabels(of: info)
    return (header, layout)
  }

  /// Fields that say what a header's axes are, in the order in which they are written, with the names of the standard.
  private static let axisFields = [
    "type", "dimension", "space", "space dimension", "sizes", "space directions", "kinds", "endian",
    "encoding",
    "space origin",
  ]
  /// Others that depend on them.
  private static let dependentFields = [
    "spacings", "thicknesses", "axis mins", "axis maxs", "centers", "centerings", "labels", "units",
    "space units",
    "measurement frame", "min", "max", "old min", "old max", "block size", "line skip", "byte skip",
    "data file",
  ]
  private static let allFields = axisFields + dependentFields + ["content", "sample units"]

  private static func kept(for info: VolumeInfo) throws(VoxtileError) -> (NRRDHeader, NRRDLayout)? {
    guard let kept = info.metadata.header, kept.format == NRRDFormat.name else { return nil }
    var header = NRRDHeader(TextHeader(kept.bytes))
    var layout = try header.layout()
    let whole = layout
    let old = try header.geometry(layout.axes)
    let isMoved = old.placement.affine.moved(to: info.metadata.origin).isClose(to: info.metadata.affine)
    let rank = layout.axes.spatial.count
    guard info.channels == layout.shape.channels,
      info.extent.sizes.all.dropFirst(rank).allSatisfy({ $0 == 1 }), isMoved || rank == 3
    else {
      return header.remade(for: info, of: whole)
    }
    try header.setShape(&layout, of: info)
    if !isMoved {
      header.setGeometry(of: info, layout.axes)
    } else if info.metadata.origin != .zero {
      header.move(to: info, layout.axes, unitsPerMillimeter: old.unitsPerMillimeter)
    }
    header.moveSegments(of: info, whole: whole.shape.extent)
    return (header, layout)
  }

  private mutating func setShape(_ layout: inout NRRDLayout, of info: VolumeInfo) throws(VoxtileError) {
    let whole = layout.shape
    let sizes = Array(info.extent.sizes.all.prefix(layout.axes.spatial.count))
    guard
      let shape = RawShape(
        sizes, components: layout.axes.components, planes: layout.axes.planes, scalarType: info.scalarType)
    else { throw try required("sizes").error(expected: "sizes that give fewer than 2^60 bytes") }
    layout.shape = shape
    layout.axes.sizes.replaceSubrange(layout.axes.spatial, with: sizes)
    if whole.extent != info.extent { set("sizes", to: HeaderNumbers.text(layout.axes.sizes)) }
    if whole.scalarType != info.scalarType {
      set("type", to: NRRDType.name(info.scalarType))
      // The range of other values.
      removeFields(["min", "max", "old min", "old max"])
    }
    if info.scalarType.byteCount > 1, field("endian") == nil {
      set("endian", to: layout.byteOrder.rawValue, after: ["type", "encoding"])
    }
  }

  /// A header with other axes and the lines that do not depend on them.
  private func remade(for info: VolumeInfo, of whole: NRRDLayout) -> (NRRDHeader, NRRDLayout) {
    var header = self
    header.removeFields(Set(Self.axisFields + Self.dependentFields))
    header.removePairs { NRRDSegments.split($0) != nil }
    return header.described(as: info, byteOrder: whole.byteOrder, encoding: whole.encoding)
  }

  private static func fresh(for info: VolumeInfo) -> (NRRDHeader, NRRDLayout) {
    let lines =
      "NRRD0004\n# Complete NRRD file format specification at:\n# http://teem.sourceforge.net/nrrd/format.html\n"
    return NRRDHeader(TextHeader(Array(lines.utf8))).described(as: info, byteOrder: .native, encoding: .raw)
  }

  /// The kind of an axis of channels; ITK and Slicer take `vector` for channels of any kind but time.
  private static func kind(of info: VolumeInfo) -> String {
    switch info.channelMeaning {
    case .time: "time"
    case .colors: info.channels == 3 ? "RGB-color" : info.channels == 4 ? "RGBA-color" : "vector"
    default: "vector"
    }
  }

  /// Adds all fields that say what the axes are, after the comments at the beginning.
  private func described(
    as info: VolumeInfo, byteOrder: ByteOrder, encoding: NRRDLayout.Encoding
  ) -> (NRRDHeader, NRRDLayout) {
    let isSeries = info.channelMeaning.isTime
    let rank = !isSeries && info.isPlanar && PlacementLPS(info.metadata.affine).isPlanar ? 2 : 3
    let channels = info.channels > 1 ? [info.channels] : []
    let spatial = Array(info.extent.sizes.all.prefix(rank))
    let axes =
      isSeries
      ? NRRDAxes(sizes: spatial + channels, spatial: 0..<rank)
      : NRRDAxes(sizes: channels + spatial, spatial: channels.count..<channels.count + rank)
    var header = self
    var fields = [
      ("type", NRRDType.name(info.scalarType)), ("dimension", "\(axes.sizes.count)"),
      ("sizes", HeaderNumbers.text(axes.sizes)),
      (
        "kinds",
        axes.sizes.indices.map { axes.spatial.contains($0) ? "domain" : Self.kind(of: info) }.joined(
          separator: " ")
      ),
    ]
    if info.scalarType.byteCount > 1 { fields.append(("endian", byteOrder.rawValue)) }
    fields.append(("encoding", encoding.name))
    var index =
      header.text.lines.dropFirst().firstIndex { !$0.text.hasPrefix("#") } ?? header.text.lines.count
    for (name, value) in fields {
      header.insert(name, value, at: index)
      index += 1
    }
    header.setGeometry(of: info, axes)
    let shape = isSeries ? RawShape(planesOf: info) : RawShape(interleaving: info)
    let layout = NRRDLayout(
      axes: axes, shape: shape, byteOrder: byteOrder, encoding: encoding, file: nil,
      lineSkip: 0, byteSkip: 0)
    return (header, layout)
  }
}
