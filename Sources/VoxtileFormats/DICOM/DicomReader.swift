import Voxtile

/// A DICOM series open for reading: the voxels of the image that dcm2niix made of it.
///
/// That image has no name any more, and goes away with the reader, however the process ends.
final class DicomReader: VolumeReader {
  let info: VolumeInfo
  private let stored: any VolumeReader
  private let path: String

  /// - Parameters:
  ///   - stored: reads the converted image.
  ///   - path: the folder or file that was named.
  init(_ stored: any VolumeReader, of series: DicomSeries, notes: [String], path: String) {
    self.stored = stored
    self.path = path
    var info = stored.info
    info.details =
      [("series number", "\(series.number)"), ("converted by", "dcm2niix, to NIfTI")] + info.details
    info.notes = notes + info.notes
    self.info = info
  }

  var isRandomAccess: Bool { stored.isRandomAccess }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    do {
      try stored.read(region, into: destination)
    } catch var error as VoxtileError {
      error.context.file = path
      throw error
    }
  }
}
