/// A reader of a file that can tell whether somebody has written to it since it was opened.
package protocol FileBackedReader: VolumeReader {
  /// Makes sure that nobody has written to the file since it was opened.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it was written to.
  func checkUnchanged() throws(VoxtileError)

  /// Gives back the memory that only makes the next read faster. The file stays open, and the reader can be used as before.
  func releaseBuffers()
}

extension VolumeReader {
  /// Makes sure, at the end of a job, that what was read is one state of the file. Readers without a file pass.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the file was written to since it was opened.
  package func checkFileUnchanged() throws(VoxtileError) {
    try (self as? any FileBackedReader)?.checkUnchanged()
  }
}
