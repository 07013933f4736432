import Voxtile

/// What a header says about the voxels: their number, kind and scaling.
struct NiftiShape: Equatable, Sendable {
  /// The first three dimensions.
  var extent: Extent
  /// The product of the other dimensions.
  var planes: Int
  /// How one voxel is stored.
  var datatype: NiftiDatatype

  /// Values per voxel, over all planes.
  var channels: Int { planes * datatype.components }

  /// The size of all voxels in bytes; a checked shape has one.
  var byteCount: Int { extent.voxelCount * planes * datatype.voxelByteCount }
}

extension NiftiHeader {
  /// The number of dimensions.
  var rank: Int { integer(.dim) }

  /// Decodes dimensions and datatype.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where a dimension is not positive, their product overflows or
  ///   `bitpix` contradicts `datatype`, `VoxtileError.Code.unsupportedFormat` for datatypes not read here.
  func shape() throws(VoxtileError) -> NiftiShape {
    guard (1...7).contains(rank) else {
      throw .nifti(field: "dim[0]", expected: "1 to 7", found: "\(rank)")
    }
    let datatype = try NiftiDatatype(code: integer(.datatype))
    let bitpix = integer(.bitpix)
    guard bitpix == datatype.voxelByteCount * 8 else {
      throw .nifti(
        field: "bitpix", expected: "\(datatype.voxelByteCount * 8) for datatype \(datatype.rawValue)",
        found: "\(bitpix)")
    }
    var sizes = [Int](repeating: 1, count: 7)
    var product = datatype.voxelByteCount
    for index in 1...rank {
      let size = integer(.dim, index)
      guard size >= 1 else {
        throw .nifti(field: "dim[\(index)]", expected: "at least 1", found: "\(size)")
      }
      let (next, overflowed) = product.multipliedReportingOverflow(by: size)
      // Offsets into the voxels are added to that of the first one.
      guard !overflowed, next < 1 << 60 else {
        throw .nifti(
          field: "dim[\(index)]", expected: "a size that with the others gives fewer than 2^60 bytes",
          found: "\(size)")
      }
      product = next
      sizes[index - 1] = size
    }
    return NiftiShape(
      extent: Extent(width: sizes[0], height: sizes[1], depth: sizes[2]),
      planes: sizes[3...].reduce(1, *), datatype: datatype)
  }

  /// How stored values become real ones, or `nil` where they are the same: a slope of 0 says that there is no scaling,
  /// and so does one that is not finite, for nifti_tool and for nibabel.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where the intercept beside a slope is not finite.
  func scaling() throws(VoxtileError) -> VolumeInfo.Scaling? {
    let slope = real(.slope)
    let intercept = real(.intercept)
    if slope == 0 || !slope.isFinite { return nil }
    guard intercept.isFinite else {
      throw .nifti(field: "scl_inter", expected: "a finite number", found: "\(intercept)")
    }
    if slope == 1 && intercept == 0 { return nil }
    return VolumeInfo.Scaling(slope: slope, intercept: intercept)
  }
}
