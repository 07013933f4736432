import Voxtile

/// Lines of a file that come before its voxels.
enum LineSkip {
  /// Where the bytes after some lines begin.
  ///
  /// - Parameters:
  ///   - count: the number of lines.
  ///   - file: the file.
  ///   - start: where the first of them begins.
  /// - Throws: `VoxtileError.Code.malformedFile` where the file has fewer lines.
  static func offset(after count: Int, in file: InputFile, from start: Int) throws(VoxtileError) -> Int {
    var (offset, left) = (start, count)
    while left > 0 {
      let part = try file.bytes(at: offset, count: 1 << 16)
      guard !part.isEmpty else {
        throw VoxtileError(
          .malformedFile,
          "has \(count - left) lines before its voxels, but its header says \(count); it is truncated",
          context: .init(
            file: file.path, byteOffset: offset, expected: "\(count) lines", found: "\(count - left)"))
      }
      var index = part.startIndex
      while left > 0, let end = part[index...].firstIndex(of: 0x0A) {
        index = end + 1
        left -= 1
      }
      offset += left > 0 ? part.count : index
    }
    return offset
  }
}
