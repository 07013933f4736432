import Voxtile

/// One file format: how it is recognised, read and written. Each lives in a folder of its own and is
/// listed in ``ImageFormats``.
public protocol ImageFormat: Sendable {
  /// The name in manifests and messages, such as `nifti`.
  static var name: String { get }

  /// The file name endings, longest first, without the leading dot: `nii.gz`, `nii`.
  static var fileExtensions: [String] { get }

  /// Whether a file says where its first voxel lies in the world; `true` by default.
  static var keepsPlace: Bool { get }

  /// Whether a file of this format begins with these bytes (at least 540, unless it is shorter).
  static func recognizes(_ prefix: [UInt8]) -> Bool

  /// The file to recognise instead of one that is named, where an image has its header in a file of its
  /// own; `nil`, which is the default, where the file itself begins with a header.
  static func headerFile(for path: String) -> String?

  /// Opens a file for reading.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` or `VoxtileError.Code.unsupportedFormat` where it cannot
  ///   be what it says it is, `VoxtileError.Code.fileAccess` where the system fails.
  static func open(_ path: String) throws -> any VolumeReader

  /// Starts a file for writing.
  ///
  /// - Parameters:
  ///   - path: where the file will appear; its ending chooses among the format's variants.
  ///   - info: what will be written. Where `info.metadata.header` is of this format, all of it that still
  ///     applies is kept, moved to `info.metadata.origin`.
  ///   - options: how it is written.
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where the format cannot hold such a volume,
  ///   `VoxtileError.Code.targetExists`, `VoxtileError.Code.fileAccess`.
  static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions
  ) throws -> any VolumeWriter
}

extension ImageFormat {
  /// Files have a place.
  public static var keepsPlace: Bool { true }

  /// No other file.
  public static func headerFile(for path: String) -> String? { nil }
}

/// The formats that are read and written.
public enum ImageFormats {
  /// Every format.
  public static let all: [any ImageFormat.Type] = [NiftiFormat.self, PNGFormat.self]

  /// Opens an image, recognised by its content; its name does not matter.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where no format recognises it, and what
  ///   ``ImageFormat/open(_:)`` throws.
  public static func open(_ path: String) throws -> any VolumeReader {
    let lead = all.lazy.compactMap { $0.headerFile(for: path) }.first ?? path
    let prefix = try InputFile(lead).prefix(4096)
    guard let format = all.first(where: { $0.recognizes(prefix) }) else {
      throw VoxtileError(
        .unsupportedFormat,
        prefix.isEmpty
          ? "is empty; it should be an image"
          : "is not an image in a format that is read here (\(readable))",
        context: .init(file: path))
    }
    do {
      let reader = try format.open(path)
      try reader.info.checkGeometry()
      return reader
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }

  /// Starts an image, in the format that the ending of its name says.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where no format has that ending, and what
  ///   ``ImageFormat/create(_:info:options:)`` throws.
  public static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions = WriteOptions()
  ) throws -> any VolumeWriter {
    guard let format = format(forName: path) else {
      throw VoxtileError(
        .unsupportedFormat, "has no ending of a format that is written here; use \(readable)",
        context: .init(file: path))
    }
    do {
      return try format.create(path, info: info, options: options)
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }

  /// The format that the ending of a file name says, or `nil`.
  public static func format(forName path: String) -> (any ImageFormat.Type)? {
    all.first { fileExtension(of: path, in: $0) != nil }
  }

  /// The known ending of a file name, `nii.gz` rather than `gz`, or `nil`.
  public static func fileExtension(of path: String) -> String? {
    all.lazy.compactMap { fileExtension(of: path, in: $0) }.first
  }

  /// Whether a box of an image in a file of that name costs only its own bytes, as far as the name tells.
  ///
  /// What a file really is, ``VolumeReader/isRandomAccess`` says.
  public static func isRandomAccess(forName path: String) -> Bool {
    ["nii", "hdr", "img"].contains(fileExtension(of: path))
  }

  private static func fileExtension(of path: String, in format: any ImageFormat.Type) -> String? {
    let name = path.lowercased()
    return format.fileExtensions.first { name.hasSuffix("." + $0) }
  }

  /// The endings of all formats, without the leading dot.
  public static var fileExtensions: [String] { all.flatMap { $0.fileExtensions } }

  private static var readable: String {
    fileExtensions.map { "." + $0 }.joined(separator: ", ")
  }
}
