import ArgumentParser
import VoxtileCases

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension CasePartArgument {
  /// The part that is meant.
  ///
  /// `auto` takes it from SLURM (`SLURM_ARRAY_TASK_ID` and its bounds); `auto/8` from an indexed job of Kubernetes
  /// (`JOB_COMPLETION_INDEX`, from 0 on), which does not say how many there are.
  func part(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> CasePart {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    do {
      if let slash = text.firstIndex(of: "/"), let count = Int(text[text.index(after: slash)...]) {
        if let own = Int(text[..<slash]) { return try CasePart(own, of: count) }
        if let index = number("JOB_COMPLETION_INDEX") { return try CasePart(index + 1, of: count) }
        if let (own, _) = Self.slurm(number) { return try CasePart(own, of: count) }
      } else if let (own, count) = Self.slurm(number), let count {
        return try CasePart(own, of: count)
      }
    } catch let error {
      throw ValidationError("--part \(text): \(error.message)")
    }
    throw ValidationError(
      "--part \(text) finds no job array (SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT, or JOB_COMPLETION_INDEX with auto/8); "
        + "give the part, such as --part 2/8")
  }

  /// The number of a task of SLURM, from 1 on, and how many there are.
  private static func slurm(_ number: (String) -> Int?) -> (own: Int, count: Int?)? {
    guard let id = number("SLURM_ARRAY_TASK_ID") else { return nil }
    let (first, step) = (number("SLURM_ARRAY_TASK_MIN") ?? 0, max(1, number("SLURM_ARRAY_TASK_STEP") ?? 1))
    return ((id - first) / step + 1, number("SLURM_ARRAY_TASK_COUNT"))
  }
}
