import ArgumentParser
import VoxtileInference

/// How a network sees a scan, shared by every command that asks one.
struct FrameOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The orientation in which the network sees the scan, such as RAS or LPS; source for the scan's own (default: source, "
        + "or what the network says). The result has the scan's own orientation.",
      valueName: "RAS|LPS|source"))
  var orientation: OrientationArgument?

  @Option(
    help: ArgumentHelp(
      "The order of the network's spatial dimensions, slowest first: zyx (SimpleITK, nnU-Net) or xyz (nibabel, MONAI, "
        + "TorchIO) (default: zyx, or what the network says).", valueName: "zyx|xyz"))
  var axes: AxisOrder?

  /// Whether something is said.
  var isGiven: Bool { orientation != nil || axes != nil }

  /// Puts the options into settings.
  func apply(to settings: inout InferenceSettings, defaults: ModelDefaults) {
    settings.orientation = orientation.map(\.orientation) ?? defaults.orientation
    settings.axes = axes ?? defaults.axes ?? .zyx
  }
}

/// An orientation, or the scan's own.
struct OrientationArgument: ExpressibleByArgument {
  /// `nil` for the scan's own.
  let orientation: Orientation?

  init?(argument: String) {
    if argument == "source" {
      orientation = nil
      return
    }
    guard let orientation = Orientation(argument) else { return nil }
    self.orientation = orientation
  }
}

extension AxisOrder: ExpressibleByArgument {}
