import Voxtile
import VoxtileFormats

extension Manifest {
  /// What a manifest is called in messages.
  private static let title = "a Voxtile manifest"
  /// The most bytes of a manifest. One patch takes some 300.
  static let maxBytes = 2 << 30
  /// The most patches that a manifest may have.
  package static let maxPatches = 1 << 22
  /// The most values of an image, so that every number of bytes that follows from it can be counted.
  static let maxValues = 1 << 48

  /// Reads a manifest, once, with little more memory than what it holds.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the file cannot be read,
  ///   `VoxtileError.Code.malformedFile` where it is no manifest, its version is not known, or its patches are not
  ///   those of its grid, `VoxtileError.Code.unsupportedFormat` where it requires something that is not known.
  /// - Complexity: O(bytes).
  public init(contentsOf path: String) throws {
    let file = try InputFile(path)
    do {
      guard file.byteCount <= Self.maxBytes else {
        throw VoxtileError(
          .malformedFile, "has \(file.byteCount) bytes; a manifest has at most \(Self.maxBytes)",
          context: .init(expected: "at most \(Self.maxBytes) bytes", found: "\(file.byteCount) bytes"))
      }
      var offset = 0
      var json = try JSONReader(of: Self.title) { buffer in
        // No more than there were: a file that grows is not followed.
        let wanted = UnsafeMutableRawBufferPointer(
          rebasing: buffer[..<min(buffer.count, file.byteCount - offset)])
        let count = try file.read(at: offset, into: wanted)
        offset += count
        return count
      }
      try self.init(ManifestDraft(&json))
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }

  /// Reads a manifest from memory.
  init(json bytes: some Sequence<UInt8>) throws {
    var json = try JSONReader([UInt8](bytes), of: Self.title)
    try self.init(ManifestDraft(&json))
  }

  private init(_ draft: ManifestDraft) throws {
    let required = try Self.required(of: draft)
    if let problem = draft.problem { throw problem }
    guard let source = draft.source else { throw VoxtileError.missingInManifest("source") }
    guard let grid = draft.grid else { throw VoxtileError.missingInManifest("grid") }
    guard let fileExtension = draft.fileExtension else {
      throw VoxtileError.missingInManifest("fileExtension")
    }
    guard let entries = draft.entries else { throw VoxtileError.missingInManifest("patches") }
    self.source = try Source(source, hasPalette: required.contains(.palette))
    let settings = try GridSettings(grid)
    try Self.checkCount(entries.count, of: settings, over: self.source.extent)
    self.grid = try PatchGrid(over: self.source.extent, settings: settings)
    self.fileExtension = fileExtension
    fileFormat = draft.fileFormat
    fileSuffix = try Self.suffix(draft.fileSuffix)
    if required.contains(.values) {
      values = try ValueMap(draft.values ?? .init(), channels: self.source.channels)
    }
    self.entries = []
    try addEntries(entries, areTurned: required.contains(.axes))
  }

  /// The keys of version 2 that count, once it is sure that all that have to be understood are.
  private static func required(of draft: ManifestDraft) throws -> Set<RequiredKey> {
    guard let version = draft.version else {
      throw draft.problem ?? VoxtileError.missingInManifest("version")
    }
    guard versions.contains(version) else {
      throw VoxtileError(
        .malformedFile,
        "is a manifest of version \(version), this program reads versions 1 and 2; use a newer one",
        context: .init(expected: "1 or 2", found: "\(version)"))
    }
    let names = draft.requires ?? []
    let keys = names.compactMap(RequiredKey.init)
    if let unknown = names.first(where: { RequiredKey(rawValue: $0) == nil }) {
      throw VoxtileError(
        .unsupportedFormat, "requires '\(unknown)', which this program does not know; use a newer one",
        context: .init(expected: RequiredKey.allCases.map(\.rawValue).joined(separator: ", "), found: unknown)
      )
    }
    if version == 1 {
      // Version 1 has no such keys: whatever has their names is skipped.
      guard names.isEmpty else {
        throw VoxtileError.badManifest("version", "1", expected: "2, since it requires '\(names[0])'")
      }
      return []
    }
    if let problem = draft.problem ?? draft.problemOfVersion2 { throw problem }
    for key in RequiredKey.allCases where draft.has(key) != keys.contains(key) {
      throw VoxtileError.badManifest(
        "requires", "[\(names.joined(separator: ", "))]",
        expected: draft.has(key)
          ? "with '\(key.rawValue)', which is there" : "without '\(key.rawValue)', which is not there")
    }
    return Set(keys)
  }

  private static func suffix(_ suffix: String?) throws -> String {
    guard let suffix else { return "" }
    guard !suffix.contains("/"), !suffix.contains("\0") else {
      throw VoxtileError.badManifest("fileSuffix", suffix, expected: "a part of a name, without a folder")
    }
    return suffix
  }

  /// Makes sure that there are about as many patches as a grid will have, before its starts are computed: a few
  /// numbers can ask for millions.
  private static func checkCount(_ found: Int, of settings: GridSettings, over image: Extent) throws {
    guard found <= maxPatches else {
      throw VoxtileError.badManifest("patches", "more than \(maxPatches) patches", expected: "fewer")
    }
    for axis in Axis.allCases {
      guard case .voxels(let overlap) = settings.overlap[axis] else { continue }
      let patch = settings.patch[axis]
      // What makes no grid at all has a message of its own.
      guard (0..<patch).contains(overlap), image[axis] > patch else { continue }
      let least = (image[axis] - patch) / (patch - overlap) + 1
      guard least <= found else {
        throw VoxtileError.badManifest(
          "patches", "\(found) patches", expected: "at least the \(least) that its grid has along \(axis)")
      }
    }
  }

  private mutating func addEntries(_ found: [ManifestDraft.Entry], areTurned: Bool) throws {
    guard found.count == grid.count else {
      throw VoxtileError.badManifest(
        "patches", "\(found.count) patches", expected: "the \(grid.count) patches of its grid")
    }
    let ending = fileSuffix.isEmpty ? "" : "\(fileSuffix).\(fileExtension)"
    var names = Set<String>(minimumCapacity: found.count)
    entries.reserveCapacity(found.count)
    for (patch, draft) in zip(grid, found) {
      let entry = try Entry(draft, of: patch, isTurned: areTurned)
      guard names.insert(entry.file).inserted else {
        throw VoxtileError.badManifest(
          "patches[\(patch.index)].file", entry.file, expected: "a name used once")
      }
      guard ending.isEmpty || entry.file.hasSuffix(ending) else {
        throw VoxtileError.badManifest(
          "patches[\(patch.index)].file", entry.file, expected: "a name that ends with \(ending)")
      }
      entries.append(entry)
    }
  }
}
