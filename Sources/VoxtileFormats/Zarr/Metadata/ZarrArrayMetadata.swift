import Voxtile

/// What the metadata of an array say: the same for Zarr v2 and v3.
struct ZarrArrayMetadata: Sendable {
  /// The version of Zarr, 2 or 3.
  var version: Int
  /// Sizes of the axes, the one that runs slowest first.
  var shape: [Int]
  /// Sizes of a chunk, which is also at the border of this size.
  var chunkShape: [Int]
  var dataType: ZarrDataType
  /// The bytes of a value that no chunk holds, as in memory.
  var fill: [UInt8]
  var keys: ChunkKeys
  var codecs: CodecChain
  /// The names that the array itself gives its axes; `nil` where it gives none.
  var axisNames: [String]?
  /// What else is said of the array.
  var attributes: JSONValue

  /// The name of the file with the metadata of Zarr v3.
  static let version3File = "zarr.json"
  /// The name of the file with the metadata of an array of Zarr v2.
  static let version2File = ".zarray"

  /// The most axes.
  static let maxAxes = 8
  /// The most values of an array, so that every number of bytes that follows from it can be counted.
  static let maxValues = 1 << 48
  /// The most bytes of a chunk that is read whole.
  static let maxChunkBytes = 1 << 31

  /// Makes sure that sizes can be counted with.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` or `VoxtileError.Code.unsupportedFormat` where they cannot.
  func checkSizes() throws(VoxtileError) {
    guard (2...Self.maxAxes).contains(shape.count) else {
      throw VoxtileError(
        .unsupportedFormat,
        "is an array of \(shape.count) axes; an image has 2 to \(Self.maxAxes)",
        context: .init(expected: "2 to \(Self.maxAxes) axes", found: "\(shape.count)"))
    }
    guard shape.allSatisfy({ $0 > 0 }) else {
      throw VoxtileError(
        .unsupportedFormat, "is an array of \(Self.text(shape)) values; an image has at least one voxel",
        context: .init(found: Self.text(shape)))
    }
    guard let count = shape.product, count <= Self.maxValues else {
      throw VoxtileError(
        .malformedFile,
        "is an array of \(Self.text(shape)) values, which no disk holds; repair the field shape",
        context: .init(expected: "at most \(Self.maxValues) values", found: Self.text(shape)))
    }
  }

  /// Sizes in words: `4 x 5 x 6`.
  static func text(_ sizes: [Int]) -> String { sizes.map { "\($0)" }.joined(separator: " x ") }
}

extension Sequence<Int> {
  /// The product, or `nil` where it does not fit.
  var product: Int? {
    var product = 1
    for factor in self {
      let (next, overflows) = product.multipliedReportingOverflow(by: factor)
      if overflows { return nil }
      product = next
    }
    return product
  }
}
