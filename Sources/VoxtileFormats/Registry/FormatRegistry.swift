import Voxtile

/// An ordered list of formats: which one a file is of, and which one a name asks for.
///
/// ``standard`` lists the formats that are built in. Most code uses ``ImageFormats``, the registry of the process.
public struct FormatRegistry: Sendable {
  /// The formats, in the order in which they are asked whether they recognize a file.
  public private(set) var formats: [any ImageFormat.Type] = []
  /// What ``open(_:)`` opens, where a path alone does not say it.
  public var openOptions = OpenOptions()

  /// Creates a registry without formats.
  public init() {}

  /// Creates a registry of formats that are known to have names and endings of their own.
  init(distinct formats: [any ImageFormat.Type]) {
    self.formats = formats
  }

  /// Adds a format after all others.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where another format has its name or one of its endings.
  public mutating func register(_ format: any ImageFormat.Type) throws(VoxtileError) {
    if formats.contains(where: { $0.name == format.name }) {
      throw VoxtileError(
        .invalidOption, "a format named '\(format.name)' is registered already; give each its own name",
        context: .init(found: format.name))
    }
    for ending in format.endings {
      if let other = formats.first(where: { $0.endings.contains(ending) }) {
        throw VoxtileError(
          .invalidOption,
          "the ending .\(ending) of format '\(format.name)' is that of '\(other.name)' already; give each its own",
          context: .init(expected: other.name, found: format.name))
      }
    }
    formats.append(format)
  }
}

// MARK: - Files

extension FormatRegistry {
  /// Opens an image, recognized by its content; its name does not matter.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where there is nothing that can be read,
  ///   `VoxtileError.Code.unsupportedFormat` where no format recognizes it, which names the kinds of files that are known
  ///   but not read, such as HDF5, and what ``ImageFormat/open(_:)`` throws.
  public func open(_ path: String) throws -> any VolumeReader {
    let probe = FormatProbe(path, options: openOptions)
    guard let format = formats.first(where: { $0.recognizes(probe) }) else {
      throw ForeignFile.error(for: probe) ?? probe.failure ?? notRecognized(probe)
    }
    do {
      let reader = try format.open(probe)
      try reader.info.checkGeometry()
      return reader
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }

  /// Whether a path leads to an image of any format, as far as its first bytes tell.
  package func recognizes(_ path: String) -> Bool {
    let probe = FormatProbe(path, options: openOptions)
    return formats.contains { $0.recognizes(probe) }
  }

  /// Starts an image, in the format that the ending of its name asks for.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where no format is written under that ending, and what
  ///   ``ImageFormat/create(_:info:options:)`` throws.
  public func create(
    _ path: String, info: VolumeInfo, options: WriteOptions = WriteOptions()
  ) throws -> any VolumeWriter {
    do {
      return try formatForWriting(path).create(path, info: info, options: options)
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }

  /// The format in which a file of that name is written.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where there is none.
  public func formatForWriting(_ path: String) throws(VoxtileError) -> any ImageFormat.Type {
    guard let format = format(forName: path), let ending = ending(of: path),
      format.writableEndings.contains(ending)
    else {
      let written = formats.flatMap { $0.writableEndings }
      throw VoxtileError(
        .unsupportedFormat, "has no ending of a format that is written here; use \(Self.dotted(written))",
        context: .init(file: path))
    }
    return format
  }

  /// Makes sure that an image can be written: its format, its folder, and that nothing is in the way.
  ///
  /// - Throws: as ``formatForWriting(_:)``, `VoxtileError.Code.targetExists`, `VoxtileError.Code.fileAccess`.
  package func checkTarget(_ path: String, replacing isReplacing: Bool) throws(VoxtileError) {
    if try formatForWriting(path).isFolder {
      try ReplaceableFolder.zarr.check(Durable.target(of: path.withoutSlashesAtEnd), replacing: isReplacing)
    } else {
      // Dropping the value removes its temporary file.
      _ = try AtomicFile(path, replacing: isReplacing)
    }
  }

  private func notRecognized(_ probe: FormatProbe) -> VoxtileError {
    VoxtileError(
      .unsupportedFormat,
      probe.prefix.isEmpty
        ? "is empty; it should be an image"
        : "is not an image in a format that is read here (\(Self.dotted(endings)))",
      context: .init(file: probe.path))
  }

  private static func dotted(_ endings: [String]) -> String {
    endings.map { "." + $0 }.joined(separator: ", ")
  }
}

// MARK: - Names

extension FormatRegistry {
  /// The endings of all formats, without the leading dot.
  public var endings: [String] { formats.flatMap { $0.endings } }

  /// The endings that patch files may have.
  public var patchEndings: [String] {
    formats.flatMap { format in format.endings.filter { format.patchEnding(for: $0) == $0 } }
  }

  /// The format with a name, such as that of a `VolumeMetadata.Header`, or `nil`.
  public func format(named name: String) -> (any ImageFormat.Type)? {
    formats.first { $0.name == name }
  }

  /// The format that the ending of a file name says, or `nil`.
  public func format(forName path: String) -> (any ImageFormat.Type)? { match(path)?.format }

  /// The known ending of a file name, `nii.gz` rather than `gz`, or `nil`.
  public func ending(of path: String) -> String? { match(path)?.ending }

  /// A file name or path without the known ending of its format.
  package func stem(of path: String) -> String {
    ending(of: path).map { String(path.dropLast($0.count + 1)) } ?? path
  }

  /// Whether a box of an image in a file of that name costs only its own bytes, as far as the name tells.
  ///
  /// `VolumeReader.isRandomAccess` says what a file really is.
  public func isRandomAccess(forName path: String) -> Bool {
    match(path).map { $0.format.isRandomAccess(ending: $0.ending) } ?? false
  }

  /// The ending of patches cut from an image of that name: its own where patches may have that, else the first one
  /// that they may have.
  public func patchEnding(forName path: String) -> String {
    match(path).flatMap { $0.format.patchEnding(for: $0.ending) } ?? patchEndings.first ?? ""
  }

  /// Whether a file of that name holds only the voxels of an image, whose header is in another file.
  package func isCompanion(_ path: String) -> Bool {
    match(path).map { $0.format.isCompanion($0.ending) } ?? false
  }

  /// The names that the voxels of an image may have whose header has the name given.
  package func companions(of path: String) -> [String] {
    guard let (format, ending) = match(path) else { return [] }
    return format.companionEndings(of: ending).map { path.dropLast(ending.count) + $0 }
  }

  /// All names that the files of an image may have of which one has the name given: its own, those of a header and its voxels, and
  /// those that a header which is there names.
  package func files(of path: String) -> [String] {
    guard let (format, ending) = match(path) else { return [path] }
    let headers = format.endings.filter { format.companionEndings(of: $0).contains(ending) }
    let others = headers + (headers + [ending]).flatMap { format.companionEndings(of: $0) }
    let usual = [path] + others.map { path.dropLast(ending.count) + $0 }
    return usual + format.filesNamed(by: path).filter { !usual.contains($0) }
  }

  /// The longest ending that a name has, and whose it is.
  private func match(_ path: String) -> (format: any ImageFormat.Type, ending: String)? {
    let name = path.withoutSlashesAtEnd.lowercased()
    let isFolder = path.hasSuffix("/")
    var found: (format: any ImageFormat.Type, ending: String)?
    for format in formats where format.isFolder || !isFolder {
      for ending in format.endings where name.hasSuffix("." + ending) {
        if ending.count > found?.ending.count ?? 0 { found = (format, ending) }
      }
    }
    return found
  }
}
