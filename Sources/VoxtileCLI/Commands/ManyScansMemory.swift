import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileInference

/// What predicting each of many scans takes, worked out from their headers before the first one is predicted.
struct ManyScansMemory {
  private struct Need {
    let name: String
    let bytes: Int
  }

  /// Scans that have to put something into scratch files, and how much.
  private var scratch: [Need] = []
  /// Scans that need more than is allowed, and how much.
  private var tooLarge: [Need] = []

  /// - Parameters:
  ///   - cases: all scans. One that cannot be opened is left out, since it is reported when its turn comes; and so is one that is
  ///     resampled, and a DICOM series, which would have to be converted.
  ///   - need: the memory and what goes to scratch files, from the files of a scan; `nil` where that cannot be said.
  /// - Complexity: O(scans), each of whose headers is read.
  init(_ cases: CaseList, need: (_ readers: [any VolumeReader]) throws -> (peak: Int, scratch: Int)?) {
    for one in cases where one.images.allSatisfy({ FormatProbe($0).kind == .file }) {
      do {
        let readers = try one.images.map(ImageFormats.open)
        if let need = try need(readers), need.scratch > 0 {
          scratch.append(Need(name: one.name, bytes: need.scratch))
        }
      } catch {
        // Any other error is reported when its scan's turn comes.
        guard let bytes = (error as? VoxtileError)?.context.neededBytes else { continue }
        tooLarge.append(Need(name: one.name, bytes: bytes))
      }
    }
  }

  /// Says which scans do not fit.
  ///
  /// - Parameter limit: the memory that one scan may take, in bytes.
  func say(limit: Int?) {
    guard let limit else { return }
    let allowed = Console.bytes(limit)
    if let words = Self.words(scratch) {
      Console.note("memory   the limit is \(allowed): \(words) of scratch files")
    }
    if let words = Self.words(tooLarge) {
      Console.warn(
        "the limit is \(allowed) of memory for a scan: \(words); raise --memory, or use smaller patches")
    }
  }

  /// The scan that needs most, how much that is, and how many others there are.
  private static func words(_ needs: [Need]) -> String? {
    guard let most = needs.max(by: { $0.bytes < $1.bytes }) else { return nil }
    let others = needs.count > 1 ? " and \(Console.count(needs.count - 1, "other scan"))" : ""
    let verb = needs.count > 1 ? "need up to" : "needs"
    // Rounded up, as the error is that a scan ends with.
    return "\(most.name.printable)\(others) \(verb) \(Console.bytes(((most.bytes >> 20) + 1) << 20))"
  }
}
