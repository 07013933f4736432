import ArgumentParser
import Voxtile
import VoxtileStore

/// A part of a whole: `30%` or `0.3`.
struct ShareArgument: ExpressibleByArgument {
  let share: Share
  let text: String

  init?(argument: String) {
    let isPercent = argument.hasSuffix("%")
    guard let number = Double(isPercent ? String(argument.dropLast()) : argument) else { return nil }
    let fraction = isPercent ? number / 100 : number
    guard fraction >= 0, fraction <= 1 else { return nil }
    share = .fraction(fraction)
    text = argument
  }

  var defaultValueDescription: String { text }
}

extension ShareArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? { "a part is from 0% to 100%, or from 0 to 1" }
}

/// A number of patches, or `auto`.
struct SampleCountArgument: ExpressibleByArgument {
  let count: SamplingPlan.Count

  /// As many as are needed.
  static let automatic = SampleCountArgument(count: .automatic)

  private init(count: SamplingPlan.Count) { self.count = count }

  init?(argument: String) {
    if argument == "auto" {
      count = .automatic
    } else {
      guard let number = Int(argument), (0...SamplingPlan.maxCount).contains(number) else { return nil }
      count = .exactly(number)
    }
  }

  var defaultValueDescription: String { "auto" }
}

extension SampleCountArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? {
    "a number of patches is from 0 to \(SamplingPlan.maxCount), or auto"
  }
}

/// `lesions`, or `lesions:2` for two patches each.
struct CoverArgument: ExpressibleByArgument {
  let times: Int

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts[0] == "lesions", parts.count <= 2 else { return nil }
    guard parts.count == 2 else {
      times = 1
      return
    }
    guard let times = Int(parts[1]), (1...SamplingPlan.maxCount).contains(times) else { return nil }
    self.times = times
  }
}

extension CoverArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? {
    "write lesions, or lesions:2 for two patches that hold each"
  }
}

/// Whole numbers in pairs, such as `0:1,1:2`.
struct LabelPairsArgument: ExpressibleByArgument {
  let pairs: [Int: Int]

  init?(argument: String) {
    var pairs: [Int: Int] = [:]
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let numbers = part.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
      guard numbers.count == 2, let key = numbers[0], let value = numbers[1],
        pairs.updateValue(value, forKey: key) == nil
      else { return nil }
    }
    self.pairs = pairs
  }
}

extension LabelPairsArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? {
    "write each label once, with a whole number after a colon, as in 0:1,1:2"
  }
}

/// Labels joined by commas.
struct LabelListArgument: ExpressibleByArgument {
  let labels: Set<Int>

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let labels = Set(parts.compactMap(\.self))
    guard labels.count == parts.count else { return nil }
    self.labels = labels
  }
}

extension LabelListArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? { "write different labels with commas, as in 2,3" }
}

/// `anywhere`, `center`, or `inner:50%`.
struct PlacementArgument: ExpressibleByArgument {
  let placement: SamplingPlan.Placement

  /// Each place as likely as the others.
  static let anywhere = PlacementArgument(placement: .anywhere)

  private init(placement: SamplingPlan.Placement) { self.placement = placement }

  init?(argument: String) {
    switch argument {
    case "anywhere": placement = .anywhere
    case "center": placement = .center
    default:
      guard argument.hasPrefix("inner:"), let part = ShareArgument(argument: String(argument.dropFirst(6)))
      else {
        return nil
      }
      placement = .inner(part.share)
    }
  }

  var defaultValueDescription: String { "anywhere" }
}

extension PlacementArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? {
    "a voxel lies anywhere in its patch, in its center, or in a middle part such as inner:50%"
  }
}

extension SampleLayout: ExpressibleByArgument {}
extension SamplingConvention: ExpressibleByArgument {}

/// What patches are balanced by.
enum BalanceName: String, CaseIterable, ExpressibleByArgument {
  case classes, voxels, lesions
}

/// Which voxels of a lesion touch.
enum ConnectivityName: String, CaseIterable, ExpressibleByArgument {
  case faces = "6"
  case edges = "18"
  case corners = "26"

  var connectivity: Connectivity {
    switch self {
    case .faces: .faces
    case .edges: .edges
    case .corners: .corners
    }
  }
}

/// What is done with a scan that is shorter than a patch.
enum SmallScanPolicy: String, CaseIterable, ExpressibleByArgument {
  case pad, fail
}
