import Voxtile

extension MetaImageHeader {
  /// The header for an image that is to be written, and how its voxels are stored.
  ///
  /// A header of this format in the metadata is kept, with the lines changed that no longer hold. Where its dimensions
  /// cannot hold the image, its other lines go into a new header.
  ///
  /// - Parameter voxelFile: the name of the file that gets the voxels, given whether they are compressed; `nil` where they
  ///   follow the header.
  /// - Throws: `VoxtileError.Code.malformedFile` or `VoxtileError.Code.unsupportedFormat` where the metadata have an invalid
  ///   header, or the image cannot be held.
  static func make(
    for info: VolumeInfo, voxelFile: (_ isCompressed: Bool) -> String?
  ) throws(VoxtileError) -> (MetaImageHeader, MetaImageLayout) {
    if let refusal = MetaImageFormat.refusal(of: info) { throw refusal }
    var (header, layout) = try kept(for: info) ?? fresh(for: info, keeping: [], of: nil)
    let name = voxelFile(layout.isCompressed)
    header.set(.data, to: name ?? "LOCAL")
    header.remove(.skip)
    if info.scaling == nil { for key in [MetaImageKey.slope, .intercept] { header.remove(key) } }
    if layout.isCompressed {
      header.setCompressedByteCount(0)
    } else {
      header.remove(.compressedSize)
    }
    layout.place = name.map { .file($0) } ?? .local
    return (header, layout)
  }

  private static func kept(
    for info: VolumeInfo
  ) throws(VoxtileError) -> (MetaImageHeader, MetaImageLayout)? {
    guard let kept = info.metadata.header, kept.format == MetaImageFormat.name else { return nil }
    let template = MetaImageHeader(TextHeader(kept.bytes))
    let whole = try template.layout()
    let old = try template.geometry(whole)
    let isMoved = old.placement.affine.moved(to: info.metadata.origin).isClose(to: info.metadata.affine)
    guard whole.canHold(info), isMoved || whole.rank >= 3 || PlacementLPS(info.metadata.affine).isPlanar
    else {
      let known = Set(MetaImageKey.allCases.flatMap(\.names))
      let others = template.text.lines.filter { line in
        split(line.text).map { !known.contains($0.key) } ?? false
      }
      return fresh(for: info, keeping: others.map(\.text), of: whole)
    }
    var (header, layout) = (template, whole)
    try header.setShape(&layout, of: info)
    if !isMoved {
      header.setGeometry(of: info, rank: whole.rank, units: old.unitsPerMillimeter)
    } else if info.metadata.origin != .zero {
      header.setOffset(of: info, rank: whole.rank, units: old.unitsPerMillimeter)
    }
    return (header, layout)
  }

  /// Sets the number of bytes after compression, in a line whose length does not depend on it.
  mutating func setCompressedByteCount(_ count: Int) {
    let digits = String(count)
    set(.compressedSize, to: digits + String(repeating: " ", count: 20 - digits.count), before: .data)
  }

  private mutating func setShape(_ layout: inout MetaImageLayout, of info: VolumeInfo) throws(VoxtileError) {
    let sizes = Array(info.extent.sizes.all.prefix(layout.rank)) + layout.sizes.dropFirst(3)
    if sizes != layout.sizes { set(.sizes, to: HeaderNumbers.text(sizes)) }
    let components = info.channels == layout.shape.channels ? layout.shape.components : info.channels
    if components != layout.shape.components {
      if components == 1 { remove(.channels) } else { set(.channels, to: "\(components)", before: .type) }
    }
    let whole = layout.shape
    if info.scalarType != whole.scalarType {
      set(.type, to: MetaImageType.name(info.scalarType))
    }
    if info.scalarType != whole.scalarType || info.extent != whole.extent {
      // The range of other voxels.
      for key in [MetaImageKey.smallest, .largest] { remove(key) }
    }
    if info.scalarType.byteCount > 1, entry(.byteOrder) == nil {
      set(.byteOrder, to: layout.byteOrder == .big ? "True" : "False")
    }
    guard
      let shape = RawShape(
        Array(sizes.prefix(3)), components: [components], planes: Array(sizes.dropFirst(3)),
        scalarType: info.scalarType)
    else { throw try required(.sizes).error(expected: "sizes that give fewer than 2^60 bytes") }
    (layout.sizes, layout.shape) = (sizes, shape)
  }
}

// MARK: - New headers

extension MetaImageHeader {
  private static func fresh(
    for info: VolumeInfo, keeping others: [String], of whole: MetaImageLayout?
  ) -> (MetaImageHeader, MetaImageLayout) {
    let isSeries = info.channelMeaning.isTime
    let rank = isSeries ? 4 : info.isPlanar && PlacementLPS(info.metadata.affine).isPlanar ? 2 : 3
    let sizes = Array(info.extent.sizes.all.prefix(rank)) + (isSeries ? [info.channels] : [])
    let shape = isSeries ? RawShape(planesOf: info) : RawShape(interleaving: info)
    let layout = MetaImageLayout(
      rank: rank, sizes: sizes, shape: shape, byteOrder: whole?.byteOrder ?? .native,
      isCompressed: whole?.isCompressed ?? false, place: .local, skip: 0)
    var header = MetaImageHeader()
    header.set(.objectType, to: "Image")
    header.set(.rank, to: "\(rank)")
    header.set(.isBinary, to: "True")
    header.set(.byteOrder, to: layout.byteOrder == .big ? "True" : "False")
    header.set(.isCompressed, to: layout.isCompressed ? "True" : "False")
    header.setGeometry(of: info, rank: rank, units: 1)
    if case .time(let step?) = info.channelMeaning { header.setStep(step) }
    for line in others { header.append(line) }
    header.set(.sizes, to: HeaderNumbers.text(sizes))
    if shape.components > 1 { header.set(.channels, to: "\(shape.components)") }
    header.set(.type, to: MetaImageType.name(info.scalarType))
    return (header, layout)
  }
}

// MARK: - Geometry

extension MetaImageHeader {
  /// Sets the place of the first voxel.
  private mutating func setOffset(of info: VolumeInfo, rank: Int, units: Double) {
    let origin = PlacementLPS(info.metadata.affine).origin
    var offset = numbers(.offset, count: rank) ?? [Double](repeating: 0, count: rank)
    for axis in 0..<min(rank, 3) { offset[axis] = origin[axis] * units }
    set(.offset, to: HeaderNumbers.text(offset), before: .sizes)
  }

  /// Sets all geometry that is known of an image; dimensions after the third keep theirs.
  private mutating func setGeometry(of info: VolumeInfo, rank: Int, units: Double) {
    let (lengths, directions) = PlacementLPS(info.metadata.affine).sizesAndDirections
    let place = info.metadata.place
    if place == .world {
      var matrix =
        numbers(.matrix, count: rank * rank) ?? (0..<rank * rank).map { $0 % (rank + 1) == 0 ? 1 : 0 }
      for axis in 0..<min(rank, 3) {
        for coordinate in 0..<min(rank, 3) { matrix[axis * rank + coordinate] = directions[axis][coordinate] }
      }
      set(.matrix, to: HeaderNumbers.text(matrix), before: .sizes)
      setOffset(of: info, rank: rank, units: units)
      set(.rotationCenter, to: HeaderNumbers.text([Int](repeating: 0, count: rank)), before: .sizes)
      if rank == 3 {
        set(.orientation, to: Self.anatomicalOrientation(info.metadata.affine), before: .sizes)
      }
    } else {
      for key in [MetaImageKey.matrix, .offset, .orientation] { remove(key) }
      // Axes that run as those of a header without a matrix have a place, which is not said to be one in the body.
      let isUpright = directions == (0..<3).map { axis in (0..<3).map { $0 == axis ? 1 : 0 } }
      if place == .spacing && isUpright { setOffset(of: info, rank: rank, units: units) }
    }
    guard place != .unknown || lengths.contains(where: { $0 != 1 }) else { return remove(.spacing) }
    var sizes = numbers(.spacing, count: rank) ?? [Double](repeating: 1, count: rank)
    for axis in 0..<min(rank, 3) { sizes[axis] = lengths[axis] * units }
    set(.spacing, to: HeaderNumbers.text(sizes), before: .sizes)
  }

  /// Sets the time between time points, which are the fourth dimension.
  private mutating func setStep(_ seconds: Double) {
    guard seconds.isFinite, seconds > 0 else { return }
    let sizes = numbers(.spacing, count: 4)?.dropLast() ?? [1, 1, 1]
    set(.spacing, to: HeaderNumbers.text(sizes + [seconds]), before: .sizes)
  }

  private func numbers(_ key: MetaImageKey, count: Int) -> [Double]? { try? reals(key, count: count) ?? nil }
}

extension MetaImageLayout {
  /// Whether these dimensions can hold an image: its axes, and its channels.
  fileprivate func canHold(_ info: VolumeInfo) -> Bool {
    info.extent.sizes.all.dropFirst(rank).allSatisfy { $0 == 1 }
      && (info.channels == shape.channels || rank <= 3)
  }
}
