import ArgumentParser

/// The groups of options in the help, in the order in which every command shows them.
enum HelpGroup: String, CaseIterable {
  case inputAndOutput = "Input and output"
  case patches = "Patches"
  case proposals = "Proposals"
  case merging = "Merging"
  case network = "Network"
  case result = "Result"
  case limits = "Limits"
  case page = "Page"
  case running = "How it runs"
  case messages = "Messages"
}

extension OptionGroup {
  /// Options that the help shows in a group.
  init(_ group: HelpGroup) { self.init(title: group.rawValue) }
}
