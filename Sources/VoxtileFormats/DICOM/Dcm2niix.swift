import Voxtile

/// The converter of the field, dcm2niix, which knows what each vendor writes; it runs as a program of its own.
struct Dcm2niix: Sendable {
  /// Its name, or its path.
  var program = "dcm2niix"

  /// What it is told always: settings of the user's own are ignored, values stay as they are stored, slices are neither cropped nor
  /// turned, only the files of the folder itself are taken, nothing is compressed, and there is no file with the header's texts.
  private static let arguments = [
    "-g", "i", "-b", "n", "-z", "n", "-d", "0", "-x", "i", "-l", "o", "-f", "%s",
  ]

  /// The series of all files.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where dcm2niix is not installed.
  func series(in files: DicomLinks, scratch: ScratchFolder) throws(VoxtileError) -> [DicomSeries] {
    DicomSeries.listed(in: try run(["-n", "-1", "-o", scratch.path, files.folder]).output)
  }

  /// The series of one file; none where it is no image.
  func series(
    of file: String, in files: DicomLinks, scratch: ScratchFolder
  ) throws(VoxtileError) -> DicomSeries? {
    let output = try run(["-n", "-1", "-s", "y", "-o", scratch.path, files.link(to: file)]).output
    return DicomSeries.listed(in: output).first
  }

  /// Converts one series to NIfTI.
  ///
  /// - Returns: what it printed, the files that it wrote, and its exit status.
  func convert(
    _ series: DicomSeries, in files: DicomLinks, scratch: ScratchFolder
  ) throws(VoxtileError) -> Dcm2niixOutcome {
    let arguments = ["-n", series.key, "-o", scratch.path, files.folder]
    let outcome = try outcome(arguments, scratch)
    guard outcome.isTiltUncorrected else { return outcome }
    // It corrects a tilt of signed numbers only, to which this turns unsigned ones that fit; the newest `-l` counts.
    for image in outcome.images { scratch.remove(image) }
    return try self.outcome(["-l", "n"] + arguments, scratch)
  }

  private func outcome(_ arguments: [String], _ scratch: ScratchFolder) throws(VoxtileError)
    -> Dcm2niixOutcome
  {
    let outcome = try run(arguments)
    let images = scratch.names().filter { $0.hasSuffix(".nii") }
    return Dcm2niixOutcome(images: images, output: outcome.output, status: outcome.status)
  }

  private func run(_ arguments: [String]) throws(VoxtileError) -> ChildProcess.Outcome {
    guard let outcome = try ChildProcess.run(program, Self.arguments + arguments) else {
      throw VoxtileError(
        .runtimeNotFound,
        "DICOM is read with the converter dcm2niix, which is not found; install it with apt install dcm2niix or brew install "
          + "dcm2niix", context: .init(expected: program))
    }
    return outcome
  }
}
