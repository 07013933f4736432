import Voxtile

/// One file format: how its files are recognized, read and written, and everything that others need to know
/// about them.
///
/// Each format lives in a folder of its own and has one line in ``FormatRegistry/standard``. An app adds its own
/// with ``ImageFormats/register(_:)``.
///
/// Endings are written without the leading dot and in lowercase: `nii.gz`, `png`.
public protocol ImageFormat: Sendable {
  /// The name in manifests and messages, such as `nifti`.
  static var name: String { get }

  /// The name for people, such as `NIfTI`; ``name`` in capitals by default.
  static var title: String { get }

  /// All endings of its files. The first one is the usual one.
  static var endings: [String] { get }

  /// The endings under which files are written; all by default, none for a format that is only read.
  static var writableEndings: [String] { get }

  /// The endings of files that hold the voxels of an image whose header is in a file with the ending given, under
  /// the same name; none by default.
  ///
  /// A pair of files counts as one image, by its header.
  static func companionEndings(of ending: String) -> [String]

  /// Whether an image is a folder of files; `false` by default.
  ///
  /// The name of a folder may end in slashes.
  static var isFolder: Bool { get }

  /// The files that an image which is there names as its own, such as that of its voxels, besides those that
  /// ``companionEndings(of:)`` tells; none by default.
  ///
  /// - Parameter path: the path of the image; it may be damaged, or not be there.
  static func filesNamed(by path: String) -> [String]

  /// The ending of a patch file, which is always a single file or a single folder, cut from an image with the ending given; `nil`
  /// where any will do. It may be that of another format. The ending itself by default, where that is written and no file goes
  /// with it.
  static func patchEnding(for ending: String) -> String?

  /// Whether a box of a file with this ending costs only its own bytes; `false` by default.
  ///
  /// This is what the name alone promises; `VolumeReader.isRandomAccess` says what a file really is.
  static func isRandomAccess(ending: String) -> Bool

  /// Whether files with this ending are compressed; by default all but those that are random access.
  static func isCompressed(ending: String) -> Bool

  /// Whether a file says where its first voxel lies in the world; `true` by default.
  static var keepsPlace: Bool { get }

  /// Whether a file can say that its values are labels; `false` by default.
  static var keepsLabelFlag: Bool { get }

  /// Whether voxels that no file holds have a value all the same, as in a store of chunks; `false` by default.
  static var mayOmitVoxels: Bool { get }

  /// Whether the channels of an image of this format are colors; `false` by default.
  ///
  /// - Parameter info: what is known about the image; `details` may be empty.
  static func channelsAreColor(_ info: VolumeInfo) -> Bool

  /// What the channels of an image of this format are; by default colors where ``channelsAreColor(_:)`` says so, and otherwise
  /// unknown.
  ///
  /// - Parameter info: the image, with the header of its file in its metadata; `details` may be empty.
  static func channelMeaning(_ info: VolumeInfo) -> ChannelMeaning

  /// Whether its writers can store `float32` in 16 bits, where that is asked for; by default not.
  static var holdsHalf: Bool { get }

  /// Whether its writers take rows of a slice, so that a slice need not be in memory whole; by default not.
  static var writesRows: Bool { get }

  /// The memory that a writer of such an image holds, in bytes, beyond buffers of a few MiB; 0 by default.
  ///
  /// - Parameters:
  ///   - info: what will be written.
  ///   - options: how it is written.
  static func writerByteCount(of info: VolumeInfo, options: WriteOptions) -> Int

  /// The colors of the values of an image with this header, where they are indices into a palette; by default `nil`.
  static func palette(of header: VolumeMetadata.Header) -> [VolumeInfo.Color]?

  /// Where an image lies whose affine and header were kept apart from its file, as in a manifest: with
  /// `VolumeMetadata.place` and `VolumeMetadata.spatialRank` as the header says them; without them by default.
  ///
  /// - Parameters:
  ///   - affine: the map from voxels to mm that the file had.
  ///   - header: the bytes of `VolumeMetadata.Header`; they may be damaged.
  static func metadata(affine: Affine, header: [UInt8]) -> VolumeMetadata

  /// Why a file cannot hold such an image, or `nil`, the default, where it can.
  ///
  /// ``create(_:info:options:)`` throws this error. Ask here where many files are going to be written.
  static func refusal(of info: VolumeInfo) -> VoxtileError?

  /// Why a file with this ending cannot hold such an image; by default that of ``refusal(of:)``.
  ///
  /// An ending may promise more than the format does, such as that values are labels.
  static func refusal(of info: VolumeInfo, ending: String) -> VoxtileError?

  /// Whether this is an image of this format, whatever its name.
  static func recognizes(_ probe: FormatProbe) -> Bool

  /// Opens an image for reading.
  ///
  /// - Parameter probe: what ``recognizes(_:)`` has seen of the path.
  /// - Throws: `VoxtileError.Code.malformedFile` or `VoxtileError.Code.unsupportedFormat` where it is damaged or
  ///   needs what is not supported, `VoxtileError.Code.fileAccess` where the system fails.
  static func open(_ probe: FormatProbe) throws -> any VolumeReader

  /// Starts an image for writing.
  ///
  /// - Parameters:
  ///   - path: where the file will appear; its ending chooses among the format's variants.
  ///   - info: what will be written. Where `info.metadata.header` is of this format, all of it that still
  ///     applies is kept, moved to `info.metadata.origin`.
  ///   - options: how it is written.
  /// - Throws: the error of ``refusal(of:ending:)``, `VoxtileError.Code.targetExists`, `VoxtileError.Code.fileAccess`.
  static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions
  ) throws -> any VolumeWriter
}

extension ImageFormat {
  /// The name in capitals.
  public static var title: String { name.uppercased() }

  /// All endings.
  public static var writableEndings: [String] { endings }

  /// None: an image is one file.
  public static func companionEndings(of ending: String) -> [String] { [] }

  /// No.
  public static var isFolder: Bool { false }

  /// None: an image is one file.
  public static func filesNamed(by path: String) -> [String] { [] }

  /// The ending itself, where that is written and no file goes with it.
  public static func patchEnding(for ending: String) -> String? {
    writableEndings.contains(ending) && companionEndings(of: ending).isEmpty && !isCompanion(ending)
      ? ending : nil
  }

  /// No: slower, but never wrong.
  public static func isRandomAccess(ending: String) -> Bool { false }

  /// All but those that are random access.
  public static func isCompressed(ending: String) -> Bool { !isRandomAccess(ending: ending) }

  /// Yes.
  public static var keepsPlace: Bool { true }

  /// No.
  public static var keepsLabelFlag: Bool { false }

  /// No.
  public static var mayOmitVoxels: Bool { false }

  /// No.
  public static func channelsAreColor(_ info: VolumeInfo) -> Bool { false }

  /// Colors, or unknown. Real values of an image with the header of a picture, such as probabilities, are no colors.
  public static func channelMeaning(_ info: VolumeInfo) -> ChannelMeaning {
    channelsAreColor(info) && info.scalarType.isInteger ? .colors : .unknown
  }

  /// No more than small buffers.
  public static func writerByteCount(of info: VolumeInfo, options: WriteOptions) -> Int { 0 }

  /// No.
  public static var holdsHalf: Bool { false }

  /// Whole slices only.
  public static var writesRows: Bool { false }

  /// No palette.
  public static func palette(of header: VolumeMetadata.Header) -> [VolumeInfo.Color]? { nil }

  /// The affine and the header alone.
  public static func metadata(affine: Affine, header: [UInt8]) -> VolumeMetadata {
    VolumeMetadata(affine: affine, header: .init(format: name, bytes: header))
  }

  /// None: a file can hold any image.
  public static func refusal(of info: VolumeInfo) -> VoxtileError? { nil }

  /// That of any ending.
  public static func refusal(of info: VolumeInfo, ending: String) -> VoxtileError? { refusal(of: info) }

  /// Whether files with this ending hold only the voxels of an image, whose header is in another file.
  package static func isCompanion(_ ending: String) -> Bool {
    endings.contains { companionEndings(of: $0).contains(ending) }
  }
}
