set edit:completion:arg-completer[{{cmd}}] = {|@words| __assumerole_complete $words --in-place }
