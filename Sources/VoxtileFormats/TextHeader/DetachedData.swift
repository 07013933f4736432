import Voxtile

/// The file that a header names as that of its voxels.
enum DetachedData {
  /// The path of a file that lies in the folder of a header or below it.
  ///
  /// - Parameters:
  ///   - name: the name as it stands in the header.
  ///   - header: the path of the header.
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where the name leads elsewhere: nobody expects an image to read any
  ///   file of the machine.
  static func path(named name: String, besides header: String) throws(VoxtileError) -> String {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.isEmpty, !name.hasPrefix("/"), !parts.contains(".."), !name.utf8.contains(0) else {
      throw VoxtileError(
        .unsupportedFormat,
        "says that its voxels are in '\(name)', which is outside of its own folder and is not read; put both files in "
          + "one folder, and the bare name in the header",
        context: .init(file: header, expected: "a name in the folder of the header", found: name))
    }
    return header.contains("/") ? "\(header.parentFolder)/\(name)" : name
  }

  /// Opens the file.
  ///
  /// - Throws: what ``path(named:besides:)`` throws, and `VoxtileError.Code.fileAccess` where it is not there.
  static func open(named name: String, besides header: String) throws(VoxtileError) -> InputFile {
    let path = try path(named: name, besides: header)
    // A header that was cut off in the middle of the name may end in its own.
    if let identity = FileIdentity(path), identity == FileIdentity(header) {
      throw VoxtileError(
        .malformedFile,
        "says that its voxels are in \(name), which is the header itself; it is damaged or truncated",
        context: .init(file: header, expected: "another file", found: name))
    }
    do throws(VoxtileError) {
      return try InputFile(path)
    } catch {
      throw VoxtileError(
        .fileAccess,
        "says that its voxels are in \(path), which \(error.message); put both files in one folder",
        context: .init(file: header, expected: path))
    }
  }

  /// The voxel files that an existing header names and that have its own name with one of these endings, unless a header of
  /// another format with the same name may name them, too.
  ///
  /// - Parameters:
  ///   - header: the path of the header.
  ///   - named: the files that it names.
  ///   - endings: those of its companions, such as `raw`, in place of the ending of the header.
  static func own(_ named: [String], of header: String, endings: [String]) -> [String] {
    guard let dot = header.lastIndex(of: ".") else { return [] }
    let others = ["mhd", "nhdr"].map { "\(header[..<dot]).\($0)" }.filter { $0 != header }
    guard others.allSatisfy({ FileIdentity($0) == nil }) else { return [] }
    let own = endings.map { "\(header[..<dot]).\($0)" }
    return named.filter(own.contains)
  }

  /// What is doubtful where a file has more bytes than its header says.
  static func extraNote(_ file: InputFile, end: Int) -> String? {
    let extra = file.byteCount - end
    guard extra > 0 else { return nil }
    return
      "has \(extra) byte\(extra == 1 ? "" : "s") more than its header says; those after the voxels are not read"
  }
}
