import Voxtile

extension NiftiHeader {
  /// The header for a volume that is to be written, and how its voxels are stored.
  ///
  /// - Parameter isPart: whether it is a part of a larger image, even where it begins where that does.
  /// - Throws: `VoxtileError.Code.malformedFile` or `VoxtileError.Code.unsupportedFormat` where the
  ///   metadata have an invalid NIfTI header, or the image is empty.
  static func make(
    for info: VolumeInfo, isPart: Bool = false
  ) throws(VoxtileError) -> (NiftiHeader, NiftiShape) {
    if let refusal = NiftiFormat.refusal(of: info) { throw refusal }
    let plain = NiftiShape(
      extent: info.extent, planes: info.channels, datatype: NiftiDatatype(info.scalarType))
    if let kept = info.metadata.header, kept.format == NiftiFormat.name {
      let template = try NiftiHeader(kept.bytes)
      let whole = try template.shape()
      var shape = plain
      if whole.channels == info.channels, whole.datatype.scalarType == info.scalarType {
        (shape.planes, shape.datatype) = (whole.planes, whole.datatype)
      }
      if template.version.canHold(shape, planesOf: whole) {
        return (try template.adapted(to: info, shape, whole: whole), shape)
      }
    }
    var header = NiftiHeader(version: NiftiVersion.one.canHold(plain) ? .one : .two)
    header.setShape(plain)
    // One slice of a volume stays one.
    if info.metadata.spatialRank == 3, header.rank < 3 { header.setRank(3) }
    header.set(.units, to: 2)
    header.setGeometry(of: info, isPart: isPart)
    header.setChannels(of: info)
    try header.setMeaning(of: info)
    return (header, plain)
  }

  /// This header for another volume cut from the same image: what still applies is kept.
  private func adapted(
    to info: VolumeInfo, _ shape: NiftiShape, whole: NiftiShape
  ) throws(VoxtileError) -> NiftiHeader {
    var header = self
    if shape != whole { header.setShape(shape) }
    try header.setGeometry(of: info, wasWhole: whole)
    if whole.extent != info.extent { header.clearSliceTiming() }
    if whole.datatype.scalarType != info.scalarType {
      // The display range is in the units of the old values.
      header.set(.calMax, to: 0.0)
      header.set(.calMin, to: 0.0)
    }
    // Matrices, vectors and the like, 1004...1010, say what the planes mean.
    if whole.planes != shape.planes, (1004...1010).contains(integer(.intentCode)) {
      header.set(.intentCode, to: 0)
    }
    try header.setMeaning(of: info)
    return header
  }

  private mutating func setGeometry(
    of info: VolumeInfo, wasWhole whole: NiftiShape
  ) throws(VoxtileError) {
    let origin = info.metadata.origin
    let affine = info.metadata.affine
    // What places the image, and where, depends on the shape, which has been changed.
    var original = self
    original.setShape(whole)
    guard try original.affine().moved(to: origin).isClose(to: affine) else {
      setGeometry(affine)
      return
    }
    if origin == .zero && info.extent == whole.extent { return }
    if original.placement == .pixdim {
      // Voxel sizes alone place the center of the image, and that has changed.
      setAlignedSform(affine)
    } else if origin != .zero || (original.placement == .qform && hasSform) {
      moveGeometry(to: origin, placedBy: original.placement)
    }
  }

  private mutating func setShape(_ shape: NiftiShape) {
    set(.datatype, to: shape.datatype.rawValue)
    set(.bitpix, to: shape.datatype.voxelByteCount * 8)
    let sizes = shape.extent.sizes.all
    for index in 0..<3 where (max(integer(.dim, index + 1), 1)) != sizes[index] {
      set(.dim, index + 1, to: sizes[index])
    }
    let planes = rank < 4 ? 1 : (4...rank).reduce(1) { $0 * integer(.dim, $1) }
    let minRank = 1 + (sizes.lastIndex { $0 > 1 } ?? 0)
    if planes == shape.planes {
      if rank < minRank { setRank(minRank) }
      return
    }
    for index in 5..<8 { set(.dim, index, to: 1) }
    set(.dim, 4, to: shape.planes)
    setRank(shape.planes > 1 ? 4 : max(min(rank, 3), minRank))
  }

  /// Sets the number of dimensions; those that had no meaning before have size 1 unless they were set.
  private mutating func setRank(_ newRank: Int) {
    for index in 1...newRank where integer(.dim, index) < 1 { set(.dim, index, to: 1) }
    set(.dim, to: newRank)
  }

  private mutating func clearSliceTiming() {
    guard integer(.sliceCode) != 0 || integer(.sliceEnd) != 0 else { return }
    for field in [NiftiField.sliceCode, .sliceStart, .sliceEnd] { set(field, to: 0) }
    set(.sliceDuration, to: 0.0)
  }

  /// Sets scaling and intent, where they differ from what the header says.
  private mutating func setMeaning(of info: VolumeInfo) throws(VoxtileError) {
    // A header with an intercept beside a slope of 0 means no scaling and stays what it is.
    let isColor = NiftiDatatype(rawValue: integer(.datatype))?.isColor ?? false
    if !isColor, try scaling() != info.scaling {
      set(.slope, to: info.scaling?.slope ?? 1)
      set(.intercept, to: info.scaling?.intercept ?? 0)
    }
    let isLabeled = integer(.intentCode) == Self.labelIntent
    if info.isLabelMap && !isLabeled { set(.intentCode, to: Self.labelIntent) }
    if info.isNoLongerLabels && isLabeled { set(.intentCode, to: 0) }
  }
}

extension VolumeInfo {
  /// Whether values are no labels, even where the header of the file says so: scaled values, or probabilities made from labels.
  var isNoLongerLabels: Bool { wereLabels || !isLabelMap && !scalarType.isInteger }
}

extension NiftiVersion {
  /// Whether every dimension fits.
  fileprivate func canHold(_ shape: NiftiShape, planesOf whole: NiftiShape? = nil) -> Bool {
    // Planes of several dimensions stay apart where they are those of the whole image.
    let planes = shape.planes == whole?.planes ? 1 : shape.planes
    return (shape.extent.sizes.all + [planes]).allSatisfy { $0 <= largestDimension }
  }
}
