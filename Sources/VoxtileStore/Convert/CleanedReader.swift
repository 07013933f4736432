import Voxtile

/// Reads a label map as if it had been cleaned.
struct CleanedReader: VolumeReader {
  let info: VolumeInfo
  private let rows: LabelRows

  /// Reads a whole label map, and cleans it; it is held as runs of equal labels.
  ///
  /// - Parameter check: called before each slab; what it throws ends the work.
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where stored values are not the labels themselves, `VoxtileError.Code.shapeMismatch` where
  ///   there are several channels, and `VoxtileError.Code.typeMismatch` where a value is no whole number.
  init(_ source: any VolumeReader, _ cleaning: LabelCleaning, check: () throws -> Void) throws {
    info = source.info
    guard info.scaling == nil else {
      throw VoxtileError(
        .unsupportedFormat,
        "stores labels with a scaling, so none can be taken away; write its real values first")
    }
    rows = try cleaning.applied(to: LabelRows(of: source, check: check), isPlanar: info.isPlanar)
  }

  var isRandomAccess: Bool { true }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    rows.copy(region, to: destination, as: info.scalarType)
  }
}
