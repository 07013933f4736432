import Foundation
import Testing

@testable import VoxtileReport

@Suite("PageScript")
struct PageScriptTests {
  /// The file names of the modules that a module imports.
  private func imports(of source: [UInt8]) -> [String] {
    String(decoding: source, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("import ") }
      .compactMap { $0.split(separator: "'").dropFirst().first }
      .map { String($0.dropFirst("./".count)) }
  }

  @Test("each module comes after the modules that it imports")
  func order() {
    for modules in [PageScript.modules, PageScript.cohortModules, PageScript.sampleModules] {
      var before: Set<String> = []
      for (name, source) in modules {
        for imported in imports(of: source) {
          #expect(before.contains(imported), "\(name) imports \(imported)")
        }
        before.insert(name)
      }
      #expect(before.count == modules.count)
    }
  }

  @Test("every module except the one that starts a page is imported by another module")
  func used() {
    let pages = [
      (PageScript.modules, "main.js"), (PageScript.cohortModules, "cohort.js"),
      (PageScript.sampleModules, "samples.js"),
    ]
    for (modules, start) in pages {
      let imported = Set(modules.flatMap { imports(of: $0.source) })
      #expect(modules.map(\.name).filter { !imported.contains($0) } == [start])
    }
  }

  @Test("import lines are removed, and exported declarations are kept without the word export")
  func joins() {
    let module = """
      // A module.

      import { one } from './one.js';

      export const two = 'import and export stay in strings';
      const text = ` exported`;
      """
    let joined = """
      // A module.


      const two = 'import and export stay in strings';
      const text = ` exported`;
      """
    #expect(String(decoding: PageScript.script(of: Array(module.utf8)), as: UTF8.self) == joined)
  }
}
