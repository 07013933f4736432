import ArgumentParser
import VoxtileInference

/// How a network sees a scan, for every command that uses one.
struct FrameOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The orientation in which the network sees the scan, such as RAS or LPS; source means the scan's own (default: what "
        + "the network file says, else source). The result always has the scan's own orientation.",
      valueName: "RAS|LPS|source"))
  var orientation: OrientationArgument?

  @Option(
    help: ArgumentHelp(
      "The order of the network's spatial dimensions, slowest first (default: what the network file says, else zyx).",
      valueName: "order"))
  var axes: AxisOrder?

  /// Whether any of the options was given.
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

extension OrientationArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? {
    "an orientation has one letter of each pair R/L, A/P and S/I, such as RAS; source keeps the scan's own"
  }
}

extension AxisOrder: ExpressibleByArgument {
  /// Which systems use each order.
  public static var allValueDescriptions: [String: String] {
    ["zyx": "SimpleITK, nnU-Net", "xyz": "nibabel, MONAI, TorchIO"]
  }
}
