import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a format sees of a path to tell whether it is an image of its own: the first bytes, read once for all formats,
/// and what lies beside or inside.
public struct FormatProbe: Sendable {
  /// What a path leads to.
  public enum Kind: Hashable, Sendable {
    /// A regular file.
    case file
    /// A folder.
    case folder
    /// Nothing that can be read.
    case missing
  }

  /// The most bytes that are read.
  public static let prefixByteCount = 4096

  /// The path as it was given.
  public let path: String
  /// What is to be opened, where the path alone does not say it.
  public let options: OpenOptions
  /// What is there.
  public let kind: Kind
  /// The first ``prefixByteCount`` bytes of a file, fewer where it is shorter; empty for anything else.
  public let prefix: [UInt8]
  /// The file, open, so that the format that takes it need not open it again; `nil` for anything else.
  package let file: InputFile?
  /// Why there are no bytes.
  let failure: VoxtileError?

  /// Looks at a path.
  ///
  /// Nothing is thrown: what cannot be read is ``Kind/missing``.
  public init(_ path: String) { self.init(path, options: OpenOptions()) }

  /// Looks at a path, of which a part may be meant.
  public init(_ path: String, options: OpenOptions) {
    self.path = path
    self.options = options
    do throws(VoxtileError) {
      let file = try InputFile(path)
      prefix = try file.prefix(Self.prefixByteCount)
      self.file = file
      kind = .file
      failure = nil
    } catch {
      kind = Self.isFolder(path) ? .folder : .missing
      prefix = []
      file = nil
      failure = error
    }
  }

  /// Whether a path leads to a folder.
  static func isFolder(_ path: String) -> Bool { kind(of: path) == .folder }

  /// What a path leads to, without opening it.
  package static func kind(of path: String) -> Kind {
    var status = stat()
    guard stat(path, &status) == 0 else { return .missing }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .folder
    case S_IFREG: return .file
    default: return .missing
    }
  }

  /// Looks at a file inside this folder, such as `.zarray`.
  public func member(_ name: String) -> FormatProbe {
    FormatProbe(path.hasSuffix("/") ? path + name : "\(path)/\(name)", options: options)
  }

  /// Looks at another file in the folder of this one, such as the `.hdr` of an `.img`.
  public func neighbor(_ name: String) -> FormatProbe {
    FormatProbe(path.lastIndex(of: "/").map { path[...$0] + name } ?? name, options: options)
  }
}
