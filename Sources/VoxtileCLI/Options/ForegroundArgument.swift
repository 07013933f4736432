import ArgumentParser
import VoxtileInference

extension Foreground: ExpressibleByArgument {
  /// Arguments in which `--foreground` without a value says the usual one, so that the scan may follow it.
  static func completed(_ arguments: [String]) -> [String] {
    arguments.enumerated().map { index, argument in
      let next = index + 1 < arguments.count ? arguments[index + 1] : ""
      return argument == "--foreground" && Foreground(rawValue: next) == nil
        ? "--foreground=\(Foreground.positive.rawValue)" : argument
    }
  }
}
