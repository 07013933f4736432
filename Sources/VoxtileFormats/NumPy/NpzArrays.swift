import Voxtile

/// The arrays of a `.npz` archive.
enum NpzArrays {
  private static let countLimit = 64

  /// Opens the image in an archive: its only array, or the only one that can be a volume, or else an image.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where there are several, by their names, or none.
  static func reader(of file: InputFile) throws(VoxtileError) -> any VolumeReader {
    let entries = try ZipDirectory(file).entries.filter { $0.name.hasSuffix(".npy") }
    guard !entries.isEmpty else {
      throw VoxtileError(.unsupportedFormat, "is a ZIP archive without an array of NumPy; name an image")
    }
    guard entries.count <= countLimit else { throw several(entries) }
    if entries.count == 1 { return try array(entries[0], in: file).reader(named: name(of: entries[0])) }
    var arrays: [(entry: ZipEntry, array: NpyArray)] = []
    for entry in entries {
      do throws(VoxtileError) {
        arrays.append((entry, try array(entry, in: file)))
      } catch  where error.code == .unsupportedFormat {
        // Texts and Python objects beside the image are none.
      }
    }
    for leastAxes in [3, 2] {
      let found = arrays.filter { $0.array.header.axes.count >= leastAxes }
      if found.count == 1 { return try found[0].array.reader(named: name(of: found[0].entry)) }
      if found.count > 1 { break }
    }
    throw several(entries)
  }

  private static func array(_ entry: ZipEntry, in file: InputFile) throws(VoxtileError) -> NpyArray {
    let (source, offset) = try entry.open(in: file)
    return try NpyArray(source, at: offset, byteCountLimit: entry.byteCount)
  }

  private static func name(of entry: ZipEntry) -> String { String(entry.name.dropLast(4)) }

  private static func several(_ entries: [ZipEntry]) -> VoxtileError {
    let names = entries.prefix(20).map { "'\(name(of: $0))'" }.joined(separator: ", ")
    return VoxtileError(
      .unsupportedFormat,
      "holds \(entries.count) arrays (\(names)\(entries.count > 20 ? ", ..." : "")), and it is not plain which one is the image; "
        + "save that one alone",
      context: .init(expected: "one array", found: "\(entries.count)"))
  }
}
