import Voxtile
import VoxtileFormats

/// How the results of a case are called: a template with `{case}`, and `{kind}` where there are several results a case.
public struct ResultName: Hashable, Sendable {
  private let template: String
  /// The ending of results whose template has none; `nil` for that of the case's image where it can be written, else `nii.gz`.
  private let ending: String?
  private let registry: FormatRegistry

  /// Whether two give the same names.
  public static func == (one: ResultName, other: ResultName) -> Bool {
    one.template == other.template && one.ending == other.ending
  }
  /// Adds the template to a hash.
  public func hash(into hasher: inout Hasher) { hasher.combine(template) }

  /// Takes a template.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where it does not say the case, has a word in braces that is not known, or leads
  ///   out of the folder.
  public init(
    _ template: String = "{case}", ending: String? = nil, registry: FormatRegistry = ImageFormats.registry
  ) throws(VoxtileError) {
    guard template.contains("{case}") else {
      throw VoxtileError(
        .invalidOption,
        "the name '\(template)' is the same for all cases; put {case} into it, as in '{case}_seg'",
        context: .init(expected: "{case}", found: template))
    }
    let rest = template.replacing("{case}", with: "").replacing("{kind}", with: "")
    guard !rest.contains(where: { "{}".contains($0) }) else {
      throw VoxtileError(
        .invalidOption, "the name '\(template)' may hold {case} and {kind}, and no other braces",
        context: .init(expected: "{case}, {kind}", found: template))
    }
    guard !template.hasPrefix("/"), !template.split(separator: "/").contains("..") else {
      throw VoxtileError(
        .invalidOption,
        "the name '\(template)' leads out of the folder of results; leave out / and .. at its start",
        context: .init(found: template))
    }
    self.template = template
    self.ending = ending
    self.registry = registry
  }

  /// The path of a result, below the folder of results.
  ///
  /// - Parameters:
  ///   - one: the case.
  ///   - kind: what the result is, where a case has several; it is appended to the name unless the template says where.
  ///   - hasEnding: whether the result is an image, and no folder.
  public func path(of one: ScanCase, kind: String? = nil, hasEnding: Bool = true) -> String {
    let ownEnding = registry.ending(of: template)
    var name = registry.stem(of: template)
    if kind != nil, !name.contains("{kind}") { name += "_{kind}" }
    // The kind first: a scan may have braces in its name.
    name = name.replacing("{kind}", with: kind ?? "").replacing("{case}", with: one.name)
    return hasEnding ? "\(name).\(ownEnding ?? ending ?? ending(of: one))" : name
  }

  /// The ending of the case's image where it can be written, else that of NIfTI.
  private func ending(of one: ScanCase) -> String {
    guard let own = registry.ending(of: one.images[0]), let format = registry.format(forName: one.images[0]),
      format.writableEndings.contains(own)
    else { return "nii.gz" }
    return own
  }
}
