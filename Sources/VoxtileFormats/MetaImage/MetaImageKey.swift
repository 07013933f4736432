/// The keys of a MetaImage header that say how its voxels are stored and where they lie.
///
/// Source: the documentation of MetaIO, and what ITK reads and writes.
enum MetaImageKey: CaseIterable {
  case objectType, rank, isBinary, byteOrder, isCompressed, compressedSize, matrix, offset, rotationCenter
  case orientation, spacing, units, sizes, channels, slope, intercept, smallest, largest, type, skip, data

  /// The names that it goes by; the first one is written.
  var names: [String] {
    switch self {
    case .objectType: ["ObjectType"]
    case .rank: ["NDims"]
    case .isBinary: ["BinaryData"]
    case .byteOrder: ["BinaryDataByteOrderMSB", "ElementByteOrderMSB"]
    case .isCompressed: ["CompressedData"]
    case .compressedSize: ["CompressedDataSize"]
    case .matrix: ["TransformMatrix", "Rotation", "Orientation"]
    case .offset: ["Offset", "Position", "Origin"]
    case .rotationCenter: ["CenterOfRotation"]
    case .orientation: ["AnatomicalOrientation"]
    // ElementSize is the size of a detector element, which counts where there is no spacing.
    case .spacing: ["ElementSpacing", "ElementSize"]
    case .units: ["DistanceUnits"]
    case .sizes: ["DimSize"]
    case .channels: ["ElementNumberOfChannels"]
    case .slope: ["ElementToIntensityFunctionSlope"]
    case .intercept: ["ElementToIntensityFunctionOffset"]
    case .smallest: ["ElementMin"]
    case .largest: ["ElementMax"]
    case .type: ["ElementType"]
    case .skip: ["HeaderSize"]
    case .data: ["ElementDataFile"]
    }
  }

  /// The names of all keys, and others with which a header may begin.
  static let known = Set(
    allCases.flatMap(\.names) + [
      "Comment", "ObjectSubType", "ObjectTypeName", "TransformType", "ID", "ParentID", "Name", "Color",
      "Modality",
      "CompressionLevel", "AcquisitionDate", "SequenceID",
    ])
}
