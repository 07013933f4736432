import ArgumentParser
import VoxtileFormats

/// Which image is meant where a path leads to several, for every command.
struct ReadingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The number of the DICOM series that is read, in a folder with several.", valueName: "number"))
  var seriesNumber: Int?

  /// Sets what is opened from now on.
  func apply() {
    ImageFormats.openOptions.seriesNumber = seriesNumber
  }
}

/// A command that reads images.
protocol ReadingCommand: ParsableCommand {
  /// Which image is meant.
  var reading: ReadingOptions { get }
}
