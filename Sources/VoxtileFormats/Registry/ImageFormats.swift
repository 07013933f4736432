import Synchronization
import Voxtile

/// The formats that this process reads and writes: the short form of its one ``FormatRegistry``.
public enum ImageFormats {
  private static let shared = Mutex(FormatRegistry.standard)

  /// The formats as they are registered now.
  public static var registry: FormatRegistry { shared.withLock { $0 } }

  /// What ``open(_:)`` opens, where a path alone does not say it.
  public static var openOptions: OpenOptions {
    get { shared.withLock { $0.openOptions } }
    set { shared.withLock { $0.openOptions = newValue } }
  }

  /// Adds a format of an app's own, after those that are built in. Do so once, when the app starts.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where another format has its name or one of its endings.
  public static func register(_ format: any ImageFormat.Type) throws(VoxtileError) {
    try shared.withLock { (registry) throws(VoxtileError) in try registry.register(format) }
  }

  /// Opens an image, recognized by its content; its name does not matter.
  ///
  /// - Throws: what ``FormatRegistry/open(_:)`` throws.
  public static func open(_ path: String) throws -> any VolumeReader { try registry.open(path) }

  /// Starts an image, in the format that the ending of its name asks for.
  ///
  /// - Throws: what ``FormatRegistry/create(_:info:options:)`` throws.
  public static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions = WriteOptions()
  ) throws -> any VolumeWriter {
    try registry.create(path, info: info, options: options)
  }
}

extension VolumeInfo {
  /// The format of the file that the header is from, or `nil`.
  package var format: (any ImageFormat.Type)? {
    metadata.header.flatMap { ImageFormats.registry.format(named: $0.format) }
  }
}

extension VolumeMetadata {
  /// Where an image lies whose affine and header were kept apart from its file.
  ///
  /// A header of a format that is not registered is kept as it is.
  package static func kept(affine: Affine, header: Header?) -> VolumeMetadata {
    guard let header, let format = ImageFormats.registry.format(named: header.format) else {
      return VolumeMetadata(affine: affine, header: header)
    }
    return format.metadata(affine: affine, header: header.bytes)
  }
}
