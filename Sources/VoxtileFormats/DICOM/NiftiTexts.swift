import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The texts in the header of a NIfTI-1 file, where a converter puts what it found in that of DICOM: times, comments and names.
enum NiftiTexts {
  /// data_type and db_name, descrip and aux_file, intent_name: where they begin and how many bytes they have.
  private static let fields: [(offset: Int, byteCount: Int)] = [(4, 28), (148, 104), (328, 16)]
  private static let headerByteCount = 348

  /// Clears them, with all extensions, in a single file.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where it is no such file, `VoxtileError.Code.fileAccess` where the system fails.
  static func clear(inFile path: String) throws(VoxtileError) {
    let header = try NiftiHeader(try InputFile(path).prefix(headerByteCount))
    guard header.version == .one, header.isSingleFile else {
      throw VoxtileError(
        .malformedFile, "is not the NIfTI-1 file that it should be", context: .init(file: path))
    }
    let extensions = (offset: headerByteCount, byteCount: try header.voxelOffset() - headerByteCount)
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("cannot be written", file: path) }
    defer { close(descriptor) }
    for field in fields + [extensions] {
      let zeros = [UInt8](repeating: 0, count: field.byteCount)
      guard pwrite(descriptor, zeros, zeros.count, off_t(field.offset)) == zeros.count else {
        throw .system("cannot be written", file: path)
      }
    }
  }
}
