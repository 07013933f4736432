import Voxtile

/// DICOM series, which are only read: a folder of files, or one of its files, through the converter dcm2niix.
///
/// The folder's own files count, not those of folders in it. Where it holds several series, `OpenOptions.seriesNumber` chooses one,
/// and so does naming a file. Uneven slices and images in different orientations are refused; what else is doubtful is noted.
///
/// The image that is read is a NIfTI file in all but its name: voxels, scaling and place are those that dcm2niix gives it, which
/// differ from the files in the order of rows. Nothing else of the files' headers is kept: no names, dates or comments.
///
/// Opening costs the conversion of the series and the room of its voxels among scratch files, until the reader goes away.
public enum DicomFormat: ImageFormat {
  /// `dicom`.
  public static let name = "dicom"
  /// The usual file name endings; many files have none.
  public static let endings = ["dcm", "dicom", "ima"]
  /// None: such files are only read.
  public static let writableEndings: [String] = []

  /// Yes, once the series is converted.
  public static func isRandomAccess(ending: String) -> Bool { true }

  /// Always: such files are only read.
  public static func refusal(of info: VolumeInfo) -> VoxtileError? {
    VoxtileError(
      .unsupportedFormat, "DICOM is only read; write .nii.gz, or make a DICOM segmentation with highdicom")
  }

  /// Whether a file has the mark of DICOM, or one of the first files of a folder has it.
  public static func recognizes(_ probe: FormatProbe) -> Bool {
    switch probe.kind {
    case .file: isMarked(probe)
    case .folder: firstFiles(probe).contains { isMarked(probe.member($0)) }
    case .missing: false
    }
  }

  private static func isMarked(_ probe: FormatProbe) -> Bool {
    probe.prefix.count >= 132 && probe.prefix[128..<132].elementsEqual("DICM".utf8)
  }

  /// A few files of a folder, however many it has.
  private static func firstFiles(_ probe: FormatProbe) -> ArraySlice<String> {
    folderEntries(probe.path, limit: 256).filter { !$0.hasPrefix(".") }.sorted().prefix(32)
  }

  /// Converts the series and opens the image that comes of it.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where dcm2niix is not installed, `VoxtileError.Code.unsupportedFormat` where there
  ///   are several series and none was chosen, or the series is no volume; `VoxtileError.Code.invalidOption` where no series has the
  ///   number that was given.
  public static func open(_ probe: FormatProbe) throws -> any VolumeReader {
    try open(probe, with: Dcm2niix())
  }

  /// Opens with a converter.
  static func open(_ probe: FormatProbe, with converter: Dcm2niix) throws -> DicomReader {
    let scratch = try ScratchFolder(for: "dicom")
    let isFolder = probe.kind == .folder
    let files = try DicomLinks(isFolder ? probe.path : probe.path.parentFolder, in: scratch)
    let series =
      isFolder
      ? try chosen(from: converter.series(in: files, scratch: scratch), probe.options.seriesNumber)
      : try found(converter.series(of: probe.path, in: files, scratch: scratch))
    let outcome = try converter.convert(series, in: files, scratch: scratch)
    let image = "\(scratch.path)/\(try outcome.image())"
    do {
      try NiftiTexts.clear(inFile: image)
      let stored = try NiftiFormat.open(FormatProbe(image))
      // The open file outlives its name.
      return withExtendedLifetime(scratch) {
        DicomReader(stored, of: series, notes: outcome.notes, path: probe.path)
      }
    } catch var error as VoxtileError {
      error.context.file = probe.path
      throw error
    }
  }

  private static func found(_ series: DicomSeries?) throws(VoxtileError) -> DicomSeries {
    if let series { return series }
    throw VoxtileError(
      .unsupportedFormat, "is a DICOM file without an image that dcm2niix converts; name a file of a scan")
  }

  /// The series that is meant.
  static func chosen(from all: [DicomSeries], _ number: Int?) throws(VoxtileError) -> DicomSeries {
    guard !all.isEmpty else {
      throw VoxtileError(
        .unsupportedFormat,
        "is a folder of DICOM files without an image that dcm2niix converts; name the folder that holds the files of a scan"
      )
    }
    let found = number.map { number in all.filter { $0.number == number } } ?? all
    if found.count == 1 { return found[0] }
    let counts = Dictionary(grouping: all, by: \.number).sorted { $0.key < $1.key }
    let list = counts.map { $1.count == 1 ? "\($0)" : "\($0) (\($1.count) times)" }.joined(separator: ", ")
    if let number {
      let reason =
        found.isEmpty
        ? "no series with the number \(number)" : "\(found.count) series with the number \(number)"
      throw VoxtileError(
        .invalidOption, "holds \(reason); its numbers are \(list). A file of a series chooses it too",
        context: .init(expected: list, found: "\(number)"))
    }
    throw VoxtileError(
      .unsupportedFormat, "holds \(all.count) DICOM series, with the numbers \(list)", remedy: .chooseSeries,
      context: .init(expected: "one series", found: "\(all.count)"))
  }

  /// Fails, since such files are only read.
  ///
  /// - Throws: the error of ``refusal(of:)``.
  public static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions
  ) throws -> any VolumeWriter {
    throw refusal(of: info) ?? VoxtileError(.unsupportedFormat, "is only read")
  }
}
