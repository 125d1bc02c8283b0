"""What axe is asked in every browser test."""

AXE = """async () => {
  const found = await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']});
  return {passes: found.passes.length,
          violations: found.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 200) + ' | ' + n.failureSummary)])};
}"""
