import Voxtile

extension LabelTable {
  /// Reads a table: a JSON document with `labels`, the lines of ITK-SNAP, FreeSurfer, 3D Slicer or MRIcron, the colors of MRIcron
  /// (`.lut`), or the segments of a `.seg.nrrd`. The content says which, apart from the endings of the last two.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the file cannot be read, and `VoxtileError.Code.malformedFile` where it is larger
  ///   than 16 MiB, or no such table.
  /// - Complexity: O(bytes).
  package init(contentsOf path: String) throws(VoxtileError) {
    do throws(VoxtileError) {
      if path.lowercased().hasSuffix(".nrrd") {
        self = try Self.segments(of: path)
        return
      }
      let file = try InputFile(path)
      guard file.byteCount <= Self.maxFileBytes else {
        throw VoxtileError(
          .malformedFile,
          "has \(file.byteCount) bytes, but a table of labels has at most \(Self.maxFileBytes)")
      }
      let bytes = try file.bytes(count: file.byteCount)
      if path.lowercased().hasSuffix(".lut") {
        try self.init(lut: bytes)
      } else if bytes.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") {
        try self.init(json: bytes)
      } else {
        try self.init(text: String(decoding: bytes, as: UTF8.self))
      }
    } catch {
      throw error.inFile(path)
    }
  }

  /// What files beside a label map, or the map itself, say of its labels: the record of the prediction that made it, segments of 3D
  /// Slicer, tables of MRIcron (`aal.nii.txt` and `aal.nii.lut` beside `aal.nii.gz`), and `dataset.json` in its folder or the one
  /// around it. Empty where there are none; files that are no tables are left out.
  package init(beside path: String) {
    let stem = path.lowercased().hasSuffix(".gz") ? String(path.dropLast(3)) : path
    var tables = ["\(path).voxtile.json"]
    if path.lowercased().hasSuffix(".nrrd") { tables.append(path) }
    tables += ["\(stem).txt", "\(stem).lut"]
    let folder = path.parentFolder
    self = (tables + ["\(folder)/dataset.json", "\(folder)/../dataset.json"]).reduce(LabelTable()) {
      known, name in
      known.adding((try? LabelTable(contentsOf: name)) ?? LabelTable())
    }
  }

  /// The segments of 3D Slicer in the header of an NRRD file.
  private static func segments(of path: String) throws(VoxtileError) -> LabelTable {
    let header = NRRDHeader(try TextHeader(of: try InputFile(path), upTo: NRRDHeader.isLast))
    let segments = NRRDSegments(header.pairs).segments
    return LabelTable(
      Dictionary(
        segments.compactMap { segment in
          segment.value.map { ($0, Entry(name: segment.name, color: segment.color?.map { UInt8($0) })) }
        }, uniquingKeysWith: { first, _ in first }))
  }
}
